  def norm_squared(self, gs: List[Tensor]) -> Tensor:
    total = torch.zeros([], dtype=6, device=gs[0].device)
    for g in gs:
      flat = torch.reshape(g, [-1])
      whole = flat.size(0) // 1024 * 1024
      rows = torch.linalg_vector_norm(torch.reshape(torch.slice(flat, 0, 0, whole), [-1, 1024]), 2, [1], False, dtype=6)
      rest = torch.linalg_vector_norm(torch.slice(flat, 0, whole), 2, None, False, dtype=6)
      torch.add_(total, torch.add(torch.sum(torch.mul(rows, rows)), torch.mul(rest, rest)))
    return total

  def adamw(self, p: List[Tensor], g: List[Tensor], m: List[Tensor], v: List[Tensor], settings: Tensor) -> List[Tensor]:
    t, lr, beta1, beta2, eps, decay, clip = annotate(List[float], settings.tolist())
    unscale = torch.full([], 1.0 / clip, dtype=6, device=p[0].device)
    steps = annotate(List[Tensor], [])
    g32 = annotate(List[Tensor], [])
    for x in g:
      g32.append(x.to(6))
      steps.append(torch.full([], t, dtype=6, device=x.device))
    torch._fused_adamw_(p, g32, m, v, annotate(List[Tensor], []), steps, lr=lr, beta1=beta1, beta2=beta2, weight_decay=decay, eps=eps, amsgrad=False, maximize=False, grad_scale=unscale)
    return annotate(List[Tensor], [])

  def refresh(self, low: List[Tensor], p: List[Tensor]) -> List[Tensor]:
    for i in range(len(p)):
      torch.copy_(low[i], p[i])
    return annotate(List[Tensor], [])

  def zero(self, xs: List[Tensor]) -> List[Tensor]:
    torch._foreach_zero_(xs)
    return annotate(List[Tensor], [])
