  def to_type(self, x: Tensor, dtype: Tensor) -> Tensor:
    return x.to(int(dtype))

  def zeros_of_type(self, shape: Tensor, dtype: Tensor, like: Tensor) -> Tensor:
    return torch.zeros(annotate(List[int], shape.tolist()), dtype=int(dtype), device=like.device)

  def empty_of_type(self, shape: Tensor, dtype: Tensor, like: Tensor) -> Tensor:
    return torch.empty(annotate(List[int], shape.tolist()), dtype=int(dtype), device=like.device)

  def copy_range_into(self, into: Tensor, start: Tensor, x: Tensor, count: Tensor) -> List[Tensor]:
    n = int(count)
    torch.copy_(torch.narrow(torch.view(into, [-1]), 0, int(start), n), torch.narrow(x, 0, 0, n))
    return annotate(List[Tensor], [])

  def copy_into(self, into: Tensor, x: Tensor) -> List[Tensor]:
    torch.copy_(into, x)
    return annotate(List[Tensor], [])

  def type_of(self, x: Tensor) -> Tensor:
    return torch.full([], x.dtype, dtype=4)

  def add_into(self, into: Tensor, x: Tensor) -> List[Tensor]:
    torch.add_(into, torch.view_as(x, into))
    return annotate(List[Tensor], [])

  def view_of(self, flat: Tensor, start_: Tensor, shape: Tensor) -> Tensor:
    sizes = annotate(List[int], shape.tolist())
    start = int(start_)
    length = 1
    for size in sizes:
      length = length * size
    return torch.view(torch.slice(torch.view(flat, [-1]), 0, start, start + length), sizes)
