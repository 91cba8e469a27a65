  def sum_parts(self, into: Tensor, parts: List[Tensor], start_: Tensor) -> List[Tensor]:
    start = int(start_)
    out = torch.view(into, [-1])
    total = torch.zeros([out.size(0)], dtype=6, device=into.device)
    for part in parts:
      torch.add_(total, torch.slice(torch.view(part, [-1]), 0, start, start + out.size(0)))
    torch.copy_(out, total)
    return annotate(List[Tensor], [])

  def join_parts(self, into: Tensor, parts: List[Tensor]) -> List[Tensor]:
    out = torch.view(into, [-1])
    at = 0
    for part in parts:
      flat = torch.view(part, [-1])
      torch.copy_(torch.slice(out, 0, at, at + flat.size(0)), flat)
      at = at + flat.size(0)
    return annotate(List[Tensor], [])

  def copy_rows(self, into: Tensor, at_: Tensor, x: Tensor, start_: Tensor, rows_: Tensor) -> List[Tensor]:
    at = int(at_)
    start = int(start_)
    rows = int(rows_)
    torch.copy_(torch.slice(into, 0, at, at + rows), torch.slice(x, 0, start, start + rows))
    return annotate(List[Tensor], [])
