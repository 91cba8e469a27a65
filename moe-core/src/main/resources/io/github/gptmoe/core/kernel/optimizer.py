  def norm_squared(self, gs: List[Tensor]) -> Tensor:
    total = torch.zeros([], dtype=6, device=gs[0].device)
    for g in gs:
      n = torch.linalg_vector_norm(g, 2, None, False, dtype=6)
      torch.add_(total, torch.mul(n, n))
    return total

  def adamw_one(self, p: Tensor, g: Tensor, m: Tensor, v: Tensor, step: Tensor, unscale: Tensor, s: List[float]) -> Tensor:
    torch._fused_adamw_([p], [g.to(6)], [m], [v], annotate(List[Tensor], []), [step], lr=s[1], beta1=s[2], beta2=s[3], weight_decay=s[5], eps=s[4], amsgrad=False, maximize=False, grad_scale=unscale)
    return p

  def adamw(self, p: List[Tensor], g: List[Tensor], m: List[Tensor], v: List[Tensor], settings: Tensor) -> List[Tensor]:
    s = annotate(List[float], settings.tolist())
    unscale = torch.full([], 1.0 / s[6], dtype=6, device=p[0].device)
    step = torch.full([], s[0], dtype=6, device=p[0].device)
    for i in range(len(p)):
      self.adamw_one(p[i], g[i], m[i], v[i], step, unscale, s)
    return annotate(List[Tensor], [])

  def adamw_copy(self, p: List[Tensor], low: List[Tensor], g: List[Tensor], m: List[Tensor], v: List[Tensor], settings: Tensor) -> List[Tensor]:
    s = annotate(List[float], settings.tolist())
    unscale = torch.full([], 1.0 / s[6], dtype=6, device=p[0].device)
    step = torch.full([], s[0], dtype=6, device=p[0].device)
    for i in range(len(p)):
      torch.copy_(low[i], self.adamw_one(p[i], g[i], m[i], v[i], step, unscale, s))
    return annotate(List[Tensor], [])

  def zero(self, xs: List[Tensor]) -> List[Tensor]:
    torch._foreach_zero_(xs)
    return annotate(List[Tensor], [])
