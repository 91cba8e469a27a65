  def lamb_step(self, w: Tensor, m: Tensor, v: Tensor, numbers: List[float]) -> Tensor:
    lr, beta1, beta2, correction1, root2, eps, decay, clip = numbers
    below = torch.add_(torch.div_(torch.sqrt(v), root2), eps)
    r = torch.div_(torch.div(m, below), correction1)
    return torch.add_(r, w, alpha=decay)

  def lamb_moments(self, p: List[Tensor], g: List[Tensor], m: List[Tensor], v: List[Tensor], settings: Tensor, chunk: Tensor) -> Tensor:
    numbers = annotate(List[float], settings.tolist())
    lr, beta1, beta2, correction1, root2, eps, decay, clip = numbers
    sums = torch.zeros([len(p), 2], dtype=7, device=p[0].device)
    for i in range(len(p)):
      n = torch.numel(p[i])
      size = min(n, int(chunk))
      mine = torch.select(sums, 0, i)
      for j in range((n + size - 1) // size):
        w = self.widened(self.part(p[i], j * size, size))
        first = self.part(m[i], j * size, size)
        second = self.part(v[i], j * size, size)
        g32 = self.clipped(self.part(g[i], j * size, size), clip)
        torch.add_(torch.mul_(first, beta1), g32, alpha=1.0 - beta1)
        torch.addcmul_(torch.mul_(second, beta2), g32, g32, value=1.0 - beta2)
        torch.add_(torch.select(mine, 0, 0), self.square_sum(w))
        torch.add_(torch.select(mine, 0, 1), self.square_sum(self.lamb_step(w, first, second, numbers)))
    return sums

  def lamb_apply(self, p: List[Tensor], m: List[Tensor], v: List[Tensor], low: List[Tensor], settings: Tensor, trust: Tensor, chunk: Tensor, keys: Tensor, scratch: List[Tensor]) -> List[Tensor]:
    numbers = annotate(List[float], settings.tolist())
    ratios = annotate(List[float], trust.tolist())
    key = annotate(List[int], keys.tolist())
    for i in range(len(p)):
      n = torch.numel(p[i])
      size = min(n, int(chunk))
      mine = torch.slice(key, 5 * i, 5 * i + 5)
      copy = low[min(i, len(low) - 1)]
      for j in range((n + size - 1) // size):
        into = self.part(p[i], j * size, size)
        w = self.widened(into)
        r = self.lamb_step(w, self.part(m[i], j * size, size), self.part(v[i], j * size, size), numbers)
        torch.add_(w, r, alpha=-(numbers[0] * ratios[i]))
        self.put_weights(into, w, copy, j * size, scratch, mine)
    return annotate(List[Tensor], [])
