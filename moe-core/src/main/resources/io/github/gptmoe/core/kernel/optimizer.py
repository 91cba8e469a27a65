  def norm_squared(self, gs: List[Tensor]) -> Tensor:
    total = torch.zeros([], dtype=6, device=gs[0].device)
    for g in gs:
      flat = torch.reshape(g, [-1])
      whole = flat.size(0) // 1024 * 1024
      rows = torch.linalg_vector_norm(torch.reshape(torch.slice(flat, 0, 0, whole), [-1, 1024]), 2, [1], False, dtype=6)
      rest = torch.linalg_vector_norm(torch.slice(flat, 0, whole), 2, None, False, dtype=6)
      torch.add_(total, torch.add(torch.sum(torch.mul(rows, rows)), torch.mul(rest, rest)))
    return total

  def adamw(self, p: List[Tensor], g: List[Tensor], m: List[Tensor], v: List[Tensor], low: List[Tensor], chunk_p: List[Tensor], chunk_m: List[Tensor], chunk_v: List[Tensor], settings: Tensor, chunk: Tensor) -> List[Tensor]:
    copying = low[0].dtype != p[0].dtype
    for i in range(len(p)):
      ps = torch.split(torch.view(p[i], [-1]), int(chunk))
      gs = torch.split(torch.view(g[i], [-1]), int(chunk))
      ms = torch.split(torch.view(m[i], [-1]), int(chunk))
      vs = torch.split(torch.view(v[i], [-1]), int(chunk))
      for j in range(len(ps)):
        chunk_p[0] = ps[j]
        chunk_m[0] = ms[j]
        chunk_v[0] = vs[j]
        self.adamw_chunk(chunk_p, gs[j], chunk_m, chunk_v, annotate(List[float], settings.tolist()))
        if copying:
          torch.copy_(torch.slice(torch.view(low[i], [-1]), 0, j * int(chunk), j * int(chunk) + ps[j].size(0)), ps[j])
    return annotate(List[Tensor], [])

  def adamw_chunk(self, p: List[Tensor], g: Tensor, m: List[Tensor], v: List[Tensor], settings: List[float]) -> List[Tensor]:
    t, lr, beta1, beta2, eps, decay, clip = settings
    if g.dtype == 6:
      g32 = torch.mul(g, clip)
    else:
      g32 = torch.mul_(g.to(6), clip)
    g32s = annotate(List[Tensor], [])
    g32s.append(g32)
    steps = annotate(List[Tensor], [])
    steps.append(torch.full([], t, dtype=6, device=g.device))
    torch._fused_adamw_(p, g32s, m, v, annotate(List[Tensor], []), steps, lr=lr, beta1=beta1, beta2=beta2, weight_decay=decay, eps=eps, amsgrad=False, maximize=False)
    return p

  def zero(self, xs: List[Tensor]) -> List[Tensor]:
    torch._foreach_zero_(xs)
    return annotate(List[Tensor], [])
