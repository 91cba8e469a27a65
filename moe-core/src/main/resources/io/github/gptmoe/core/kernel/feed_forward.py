  def ffn(self, h: Tensor, up_weight: Tensor, up_bias: Tensor, down_weight: Tensor, down_bias: Tensor) -> List[Tensor]:
    before = self.affine(h, up_weight, up_bias)
    after = torch.gelu(before)
    return [self.affine(after, down_weight, down_bias), before, after]

  def ffn_backward(self, grad: Tensor, h: Tensor, before: Tensor, after: Tensor, up_weight: Tensor, down_weight: Tensor, into: List[Tensor], beta_: Tensor) -> Tensor:
    beta = float(beta_)
    g = torch.reshape(grad, [-1, grad.size(-1)])
    self.linear_backward(g, torch.reshape(after, [-1, after.size(-1)]), into[2], into[3], beta)
    inner = torch.gelu_backward(self.mm(g, down_weight), torch.reshape(before, [-1, before.size(-1)]))
    self.linear_backward(inner, torch.reshape(h, [-1, h.size(-1)]), into[0], into[1], beta)
    return self.mm(inner, up_weight)

  def padded(self, n: int, fine: int) -> int:
    step = fine
    while step > 1 and step * 32 < n:
      step = step * 2
    return (n + step - 1) // step * step

  def expert_rows(self, ids: Tensor, E: int, fine: int) -> Tuple[Tensor, Tensor]:
    loads = annotate(List[int], torch.bincount(ids, None, E + 1).tolist())
    sizes = annotate(List[int], [])
    shifts = annotate(List[int], [])
    shift = 0
    for n in loads:
      size = self.padded(n, fine)
      sizes.append(size)
      shifts.append(shift)
      shift = shift + size - n
    order = torch.argsort(ids, stable=True, dim=0)
    shift_of = torch.index_select(torch.tensor(shifts, dtype=4, device=ids.device), 0, torch.index_select(ids, 0, order))
    rows = torch.empty_like(ids)
    torch.index_copy_(rows, 0, order, torch.add(torch.arange(ids.size(0), dtype=4, device=ids.device), shift_of))
    return (rows, torch.tensor(sizes, dtype=4))

  def expert_linear(self, x: Tensor, counts: List[int], weight: List[Tensor], bias: List[Tensor]) -> Tensor:
    y = torch.empty([x.size(0), weight[0].size(0)], dtype=x.dtype, device=x.device)
    i = 0
    for e in range(len(weight)):
      if counts[e] > 0:
        j = i + counts[e]
        part = torch.slice(y, 0, i, j)
        self.addmm_into(part, torch.slice(x, 0, i, j), torch.t(weight[e]), 0.)
        torch.add_(part, bias[e])
        i = j
    torch.zero_(torch.slice(y, 0, i))
    return y

  def expert_linear_backward(self, g: Tensor, x: Tensor, counts: List[int], weight: List[Tensor], into_weight: List[Tensor], into_bias: List[Tensor], beta: float) -> Tensor:
    gx = torch.empty_like(x)
    i = 0
    for e in range(len(weight)):
      if counts[e] > 0:
        j = i + counts[e]
        part = torch.slice(g, 0, i, j)
        self.linear_backward(part, torch.slice(x, 0, i, j), into_weight[e], into_bias[e], beta)
        self.addmm_into(torch.slice(gx, 0, i, j), part, weight[e], 0.)
        i = j
      elif beta == 0.:
        torch.zero_(into_weight[e])
        torch.zero_(into_bias[e])
    torch.zero_(torch.slice(gx, 0, i))
    return gx

  def experts(self, h: Tensor, ids: Tensor, gate: Tensor, up_weight: List[Tensor], up_bias: List[Tensor], down_weight: List[Tensor], down_bias: List[Tensor]) -> List[Tensor]:
    E = len(up_weight)
    T = h.size(0)
    fine = 1
    R = T
    if h.dtype != 6:
      fine = 4
      R = T + T // 16 + (fine - 1) * (E + 1)
    rows, sizes = self.expert_rows(ids, E, fine)
    counts = annotate(List[int], sizes.tolist())
    x = torch.zeros([R, h.size(1)], dtype=h.dtype, device=h.device)
    torch.index_copy_(x, 0, rows, h)
    before = self.expert_linear(x, counts, up_weight, up_bias)
    after = torch.gelu(before)
    y = self.expert_linear(after, counts, down_weight, down_bias)
    gates = torch.unsqueeze(gate.to(h.dtype), 1)
    mixed = torch.mul_(torch.index_select(y, 0, rows), gates)
    return [mixed, rows, sizes, gates, x, y, before, after]

  def experts_backward(self, grad: Tensor, rows: Tensor, sizes: Tensor, gates: Tensor, x: Tensor, y: Tensor, before: Tensor, after: Tensor, up_weight: List[Tensor], down_weight: List[Tensor], into_up_weight: List[Tensor], into_up_bias: List[Tensor], into_down_weight: List[Tensor], into_down_bias: List[Tensor], beta_: Tensor) -> List[Tensor]:
    beta = float(beta_)
    counts = annotate(List[int], sizes.tolist())
    g_gate = torch.sum(torch.mul(grad.to(6), torch.index_select(y, 0, rows)), [1])
    g = torch.zeros_like(x)
    torch.index_copy_(g, 0, rows, torch.mul(grad, gates))
    g_after = self.expert_linear_backward(g, after, counts, down_weight, into_down_weight, into_down_bias, beta)
    inner = torch.gelu_backward(g_after, before)
    gx = self.expert_linear_backward(inner, x, counts, up_weight, into_up_weight, into_up_bias, beta)
    return [torch.index_select(gx, 0, rows), g_gate]

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

  def take_rows(self, x: Tensor, places: Tensor) -> Tensor:
    return torch.index_select(x, 0, places)

  def put_rows(self, x: Tensor, places: Tensor, rows: Tensor) -> Tensor:
    y = torch.zeros([int(rows), x.size(1)], dtype=x.dtype, device=x.device)
    return torch.index_copy_(y, 0, places, x)

  def put_gated(self, x: Tensor, places: Tensor, gate: Tensor) -> Tensor:
    gates = torch.unsqueeze(torch.index_select(gate, 0, places).to(x.dtype), 1)
    y = torch.zeros([gate.size(0), x.size(1)], dtype=x.dtype, device=x.device)
    return torch.index_copy_(y, 0, places, torch.mul(x, gates))

  def put_gated_backward(self, grad: Tensor, x: Tensor, places: Tensor, gate: Tensor) -> List[Tensor]:
    g = torch.index_select(grad, 0, places)
    gates = torch.unsqueeze(torch.index_select(gate, 0, places).to(x.dtype), 1)
    g_gate = torch.zeros([gate.size(0)], dtype=6, device=x.device)
    torch.index_copy_(g_gate, 0, places, torch.sum(torch.mul(g.to(6), x), [1]))
    return [torch.mul(g, gates), g_gate]
