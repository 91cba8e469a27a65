  def leaf(self, x: Tensor) -> Tensor:
    return torch.requires_grad_(torch.detach(x), True)

  def vjp(self, ys: List[Tensor], gys: List[Tensor], xs: List[Tensor], into: List[Tensor]) -> List[Tensor]:
    seeds = annotate(List[Optional[Tensor]], [])
    for gy in gys:
      seeds.append(gy)
    grads = torch.grad(ys, xs, seeds, False, False, True)
    wanted = len(xs) - len(into)
    out = annotate(List[Tensor], [])
    for i in range(len(xs)):
      g = grads[i]
      if i < wanted:
        if g is None:
          out.append(torch.zeros_like(xs[i]))
        else:
          out.append(unchecked_cast(Tensor, g))
      else:
        if g is not None:
          torch.add_(into[i - wanted], unchecked_cast(Tensor, g))
    return out

  def vjp_inputs(self, ys: List[Tensor], gys: List[Tensor], xs: List[Tensor]) -> List[Tensor]:
    return self.vjp(ys, gys, xs, annotate(List[Tensor], []))
