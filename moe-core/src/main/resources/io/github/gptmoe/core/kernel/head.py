  def head_logits(self, x: Tensor, norm_weight: Tensor, norm_bias: Tensor, tokens: Tensor) -> Tensor:
    h = torch.layer_norm(x, [x.size(-1)], norm_weight, norm_bias, 1e-5)
    return torch.linear(h, tokens).to(6)

  def head_nll(self, x: Tensor, norm_weight: Tensor, norm_bias: Tensor, tokens: Tensor, targets: Tensor, chunk_tokens: Tensor) -> Tensor:
    chunk = int(chunk_tokens)
    D = x.size(-1)
    h = torch.reshape(torch.layer_norm(x, [D], norm_weight, norm_bias, 1e-5), [-1, D])
    t = torch.reshape(targets, [-1])
    T = h.size(0)
    out = annotate(List[Tensor], [])
    i = 0
    while i < T:
      j = min(i + chunk, T)
      logits = torch.linear(torch.slice(h, 0, i, j), tokens).to(6)
      picked = torch.gather(logits, 1, torch.unsqueeze(torch.slice(t, 0, i, j), 1))
      out.append(torch.squeeze(torch.sub(torch.logsumexp(logits, [-1], True), picked), 1))
      i = j
    return torch.cat(out, 0)

  def head_backward(self, x: Tensor, norm_weight: Tensor, norm_bias: Tensor, tokens: Tensor, targets: Tensor, weights: Tensor, chunk_tokens: Tensor, grad_scale: Tensor, into: List[Tensor]) -> Tuple[Tensor, Tensor]:
    chunk = int(chunk_tokens)
    scale = float(grad_scale)
    D = x.size(-1)
    h3, mean, rstd = torch.native_layer_norm(x, [D], norm_weight, norm_bias, 1e-5)
    h = torch.reshape(h3, [-1, D])
    grad_h = torch.empty_like(h)
    t = torch.reshape(targets, [-1])
    w = torch.reshape(weights, [-1])
    T = h.size(0)
    loss = torch.zeros([], dtype=6, device=x.device)
    same = into[2].dtype == h.dtype
    i = 0
    while i < T:
      j = min(i + chunk, T)
      hc = torch.slice(h, 0, i, j)
      wc = torch.unsqueeze(torch.slice(w, 0, i, j), 1)
      tc = torch.unsqueeze(torch.slice(t, 0, i, j), 1)
      logits = torch.linear(hc, tokens).to(6)
      lse = torch.logsumexp(logits, [-1], True)
      torch.add_(loss, torch.sum(torch.mul(torch.sub(lse, torch.gather(logits, 1, tc)), wc)))
      wc = torch.mul(wc, scale)
      p = torch.mul_(torch.exp_(torch.sub_(logits, lse)), wc)
      torch.scatter_add_(p, 1, tc, torch.neg(wc))
      pb = p.to(h.dtype)
      torch.copy_(torch.slice(grad_h, 0, i, j), torch.matmul(pb, tokens))
      if same:
        torch.addmm_(into[2], torch.t(pb), hc)
      else:
        torch.add_(into[2], torch.matmul(torch.t(pb), hc))
      i = j
    gx, gw, gb = torch.native_layer_norm_backward(torch.view_as(grad_h, x), x, [D], mean, rstd, norm_weight, norm_bias, [True, True, True])
    torch.add_(into[0], gw)
    torch.add_(into[1], gb)
    return (loss, gx)
