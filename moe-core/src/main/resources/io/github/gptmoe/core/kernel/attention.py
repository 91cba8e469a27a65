  def attention_qkv(self, x: Tensor, norm_weight: Tensor, norm_bias: Tensor, qkv_weight: Tensor, qkv_bias: Tensor, heads: Tensor) -> List[Tensor]:
    B = x.size(0)
    L = x.size(1)
    D = x.size(2)
    H = int(heads)
    h, mean, rstd = self.norm_forward(x, norm_weight, norm_bias)
    joined = torch.view(self.affine(h, qkv_weight, qkv_bias), [B, L, 3, H, D // H])
    q, k, v = torch.unbind(torch.contiguous(torch.permute(joined, [2, 0, 3, 1, 4])), 0)
    return [q, k, v, h, mean, rstd]

  def attention_qkv_backward(self, grads: List[Tensor], residual: Tensor, x: Tensor, h: Tensor, mean: Tensor, rstd: Tensor, norm_weight: Tensor, norm_bias: Tensor, qkv_weight: Tensor, into: List[Tensor], beta_: Tensor) -> Tensor:
    beta = float(beta_)
    D = x.size(2)
    g = torch.reshape(torch.permute(torch.stack(grads, 0), [1, 3, 0, 2, 4]), [-1, 3 * D])
    self.linear_backward(g, torch.view(h, [-1, D]), into[2], into[3], beta)
    gh = torch.view_as(self.mm(g, qkv_weight), x)
    return torch.add_(self.norm_backward(gh, x, mean, rstd, norm_weight, norm_bias, into[0], into[1], beta), residual)

  def attention_output(self, x: Tensor, o: Tensor, weight: Tensor, bias: Tensor) -> List[Tensor]:
    joined = torch.reshape(torch.permute(o, [0, 2, 1, 3]), [x.size(0), x.size(1), x.size(2)])
    return [torch.add_(self.affine(joined, weight, bias), x), joined]

  def attention_output_backward(self, grad: Tensor, joined: Tensor, weight: Tensor, heads: Tensor, into: List[Tensor], beta: Tensor) -> Tensor:
    B = grad.size(0)
    L = grad.size(1)
    D = grad.size(2)
    H = int(heads)
    g = torch.reshape(grad, [-1, D])
    self.linear_backward(g, torch.view(joined, [-1, D]), into[0], into[1], float(beta))
    go = torch.view(self.mm(g, weight), [B, L, H, D // H])
    return torch.contiguous(torch.permute(go, [0, 2, 1, 3]))

  def block_causal(self, q4: Tensor, k4: Tensor, v4: Tensor, block_: Tensor, keep: Tensor) -> List[Tensor]:
    block = int(block_)
    L = q4.size(2)
    C = q4.size(3)
    q = torch.mul(torch.view(q4, [-1, L, C]), float(C) ** -0.5)
    k = torch.view(k4, [-1, L, C])
    v = torch.view(v4, [-1, L, C])
    o = torch.empty_like(q)
    side = min(block, L)
    later = torch.triu(torch.full([side, side], float("-inf"), dtype=q.dtype, device=q.device), 1)
    out = [torch.view_as(o, q4), q]
    i = 0
    while i < L:
      j = min(i + block, L)
      scores = self.bmm(torch.slice(q, 1, i, j), torch.transpose(torch.slice(k, 1, 0, j), 1, 2))
      torch.add_(torch.slice(scores, 2, i, j), torch.slice(torch.slice(later, 0, 0, j - i), 1, 0, j - i))
      shares = torch.softmax(scores, -1)
      torch.copy_(torch.slice(o, 1, i, j), self.bmm(shares, torch.slice(v, 1, 0, j)))
      if bool(keep):
        out.append(shares)
      i = j
    return out

  def block_causal_backward(self, grad4: Tensor, q: Tensor, k4: Tensor, v4: Tensor, shares: List[Tensor]) -> List[Tensor]:
    L = k4.size(2)
    C = k4.size(3)
    go = torch.view(grad4, [-1, L, C])
    k = torch.view(k4, [-1, L, C])
    v = torch.view(v4, [-1, L, C])
    gq = torch.empty_like(q)
    gk = torch.zeros_like(q)
    gv = torch.zeros_like(q)
    scale = float(C) ** -0.5
    i = 0
    for p in shares:
      j = i + p.size(1)
      gi = torch.slice(go, 1, i, j)
      torch.add_(torch.slice(gv, 1, 0, j), self.bmm(torch.transpose(p, 1, 2), gi))
      gp = self.bmm(gi, torch.transpose(torch.slice(v, 1, 0, j), 1, 2))
      gs = torch._softmax_backward_data(gp, p, -1, p.dtype)
      torch.copy_(torch.slice(gq, 1, i, j), self.bmm(gs, torch.slice(k, 1, 0, j)))
      torch.add_(torch.slice(gk, 1, 0, j), self.bmm(torch.transpose(gs, 1, 2), torch.slice(q, 1, i, j)))
      i = j
    return [torch.view_as(torch.mul_(gq, scale), k4), torch.view_as(gk, k4), torch.view_as(gv, k4)]

  def flash_cpu(self, q: Tensor, k: Tensor, v: Tensor) -> List[Tensor]:
    o, lse = torch._scaled_dot_product_flash_attention_for_cpu(q, k, v, 0., True)
    return [o, lse]

  def flash_cpu_backward(self, grad: Tensor, q: Tensor, k: Tensor, v: Tensor, o: Tensor, lse: Tensor) -> List[Tensor]:
    gq, gk, gv = torch._scaled_dot_product_flash_attention_for_cpu_backward(grad, q, k, v, o, lse, 0., True)
    return [gq, gk, gv]

  def recorded_attention(self, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    return torch.scaled_dot_product_attention(q, k, v, None, 0., True)
