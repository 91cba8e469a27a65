  def norm_squared(self, gs: List[Tensor]) -> Tensor:
    total = torch.zeros([], dtype=6, device=gs[0].device)
    for g in gs:
      flat = torch.reshape(g, [-1])
      whole = flat.size(0) // 1024 * 1024
      rows = torch.linalg_vector_norm(torch.reshape(torch.slice(flat, 0, 0, whole), [-1, 1024]), 2, [1], False, dtype=6)
      rest = torch.linalg_vector_norm(torch.slice(flat, 0, whole), 2, None, False, dtype=6)
      torch.add_(total, torch.add(torch.sum(torch.mul(rows, rows)), torch.mul(rest, rest)))
    return total

  def square_sum(self, flat: Tensor) -> Tensor:
    whole = flat.size(0) // 1024 * 1024
    rows = torch.linalg_vector_norm(torch.reshape(torch.slice(flat, 0, 0, whole), [-1, 1024]), 2, [1], False, dtype=7)
    rest = torch.linalg_vector_norm(torch.slice(flat, 0, whole), 2, None, False, dtype=7)
    return torch.add(torch.sum(torch.mul(rows, rows)), torch.mul(rest, rest))

  def zero(self, xs: List[Tensor]) -> List[Tensor]:
    torch._foreach_zero_(xs)
    return annotate(List[Tensor], [])

  def widened(self, x: Tensor) -> Tensor:
    if x.dtype == 6:
      y = x
    else:
      y = x.to(6)
    return y

  def part(self, x: Tensor, start: int, size: int) -> Tensor:
    return torch.slice(torch.view(x, [-1]), 0, start, start + size)

  def clipped(self, g: Tensor, clip: float) -> Tensor:
    if g.dtype == 6:
      g32 = torch.mul(g, clip)
    else:
      g32 = torch.mul_(g.to(6), clip)
    return g32

  def put_weights(self, into: Tensor, x: Tensor, low: Tensor, start: int, scratch: List[Tensor], keys: List[int]) -> Tensor:
    if into.dtype == 15:
      into = self.put_stochastic(into, x, scratch, keys[2] + start, keys[0], keys[1])
    if low.dtype != 6:
      into = torch.copy_(self.part(low, start, x.size(0)), x)
    return into
