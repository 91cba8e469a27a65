  def ffn(self, h: Tensor, up_weight: Tensor, up_bias: Tensor, down_weight: Tensor, down_bias: Tensor) -> List[Tensor]:
    before = torch.linear(h, up_weight, up_bias)
    after = torch.gelu(before)
    return [torch.linear(after, down_weight, down_bias), before, after]

  def ffn_backward(self, grad: Tensor, h: Tensor, before: Tensor, after: Tensor, up_weight: Tensor, down_weight: Tensor, into: List[Tensor], beta_: Tensor) -> Tensor:
    beta = float(beta_)
    return self.ffn_grads(torch.reshape(grad, [-1, grad.size(-1)]), torch.reshape(h, [-1, h.size(-1)]), torch.reshape(before, [-1, before.size(-1)]), torch.reshape(after, [-1, after.size(-1)]), up_weight, down_weight, into[0], into[1], into[2], into[3], beta)

  def ffn_grads(self, grad: Tensor, h: Tensor, before: Tensor, after: Tensor, up_weight: Tensor, down_weight: Tensor, into_up_weight: Tensor, into_up_bias: Tensor, into_down_weight: Tensor, into_down_bias: Tensor, beta: float) -> Tensor:
    self.linear_backward(grad, after, into_down_weight, into_down_bias, beta)
    inner = torch.gelu_backward(torch.mm(grad, down_weight), before)
    self.linear_backward(inner, h, into_up_weight, into_up_bias, beta)
    return torch.mm(inner, up_weight)

  def experts(self, h: Tensor, ids: Tensor, gate: Tensor, up_weight: List[Tensor], up_bias: List[Tensor], down_weight: List[Tensor], down_bias: List[Tensor]) -> List[Tensor]:
    E = len(up_weight)
    order = torch.argsort(ids, stable=True, dim=0)
    loads = torch.bincount(ids, None, E + 1).to(torch.device("cpu"))
    counts = annotate(List[int], loads.tolist())
    x = torch.index_select(h, 0, order)
    y = torch.empty_like(x)
    out = annotate(List[Tensor], [])
    i = 0
    for e in range(E):
      if counts[e] > 0:
        j = i + counts[e]
        part, before, after = self.ffn(torch.slice(x, 0, i, j), up_weight[e], up_bias[e], down_weight[e], down_bias[e])
        torch.copy_(torch.slice(y, 0, i, j), part)
        out.append(before)
        out.append(after)
        i = j
    torch.zero_(torch.slice(y, 0, i))
    gates = torch.unsqueeze(torch.index_select(gate, 0, order).to(h.dtype), 1)
    mixed = torch.empty_like(h)
    torch.index_copy_(mixed, 0, order, torch.mul(y, gates))
    return [mixed, order, loads, gates, x, y] + out

  def experts_backward(self, grad: Tensor, order: Tensor, loads: Tensor, gates: Tensor, x: Tensor, y: Tensor, inner: List[Tensor], up_weight: List[Tensor], down_weight: List[Tensor], into_up_weight: List[Tensor], into_up_bias: List[Tensor], into_down_weight: List[Tensor], into_down_bias: List[Tensor], beta_: Tensor) -> List[Tensor]:
    beta = float(beta_)
    counts = annotate(List[int], loads.tolist())
    g = torch.index_select(grad, 0, order)
    g_gate = torch.empty([g.size(0)], dtype=6, device=g.device)
    torch.index_copy_(g_gate, 0, order, torch.sum(torch.mul(g.to(6), y), [1]))
    torch.mul_(g, gates)
    gx = torch.empty_like(x)
    i = 0
    k = 0
    for e in range(len(up_weight)):
      if counts[e] > 0:
        j = i + counts[e]
        part = self.ffn_grads(torch.slice(g, 0, i, j), torch.slice(x, 0, i, j), inner[k], inner[k + 1], up_weight[e], down_weight[e], into_up_weight[e], into_up_bias[e], into_down_weight[e], into_down_bias[e], beta)
        torch.copy_(torch.slice(gx, 0, i, j), part)
        i = j
        k = k + 2
      elif beta == 0.:
        torch.zero_(into_up_weight[e])
        torch.zero_(into_up_bias[e])
        torch.zero_(into_down_weight[e])
        torch.zero_(into_down_bias[e])
    torch.zero_(torch.slice(gx, 0, i))
    gh = torch.empty_like(x)
    torch.index_copy_(gh, 0, order, gx)
    return [gh, g_gate]

  def add_reshaped(self, x: Tensor, y: Tensor) -> Tensor:
    return torch.add(x, torch.view_as(y, x))

  def residual_mix(self, x: Tensor, h: Tensor, expert: Tensor, dense: Tensor, gate_weight: Tensor, gate_bias: Tensor) -> List[Tensor]:
    c = torch.softmax(torch.linear(h.to(6), gate_weight.to(6), gate_bias.to(6)), -1)
    c0, c1 = torch.split(c.to(expert.dtype), 1, -1)
    y = torch.add_(torch.mul(expert, c0), torch.mul(dense, c1))
    return [torch.add(x, torch.view_as(y, x)), c]

  def residual_mix_backward(self, grad: Tensor, h: Tensor, expert: Tensor, dense: Tensor, c: Tensor, gate_weight: Tensor, into: List[Tensor], beta_: Tensor) -> List[Tensor]:
    beta = float(beta_)
    g = torch.view_as(grad, expert)
    g32 = g.to(6)
    gc = torch.stack([torch.sum(torch.mul(g32, expert), [1]), torch.sum(torch.mul(g32, dense), [1])], 1)
    gs = torch._softmax_backward_data(gc, c, -1, c.dtype)
    self.put(into[0], torch.mm(torch.t(gs), h.to(6)), beta)
    self.put(into[1], torch.sum(gs, [0]), beta)
    c0, c1 = torch.split(c.to(g.dtype), 1, -1)
    return [torch.mul(g, c0), torch.mul(g, c1), torch.mm(gs, gate_weight.to(6)).to(h.dtype)]
