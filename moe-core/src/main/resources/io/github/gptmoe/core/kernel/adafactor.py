  def factor_moments(self, g: Tensor, row: Tensor, column: Tensor, size: int, beta2: float, eps: float, clip: float) -> List[Tensor]:
    rows = g.size(0)
    total = torch.zeros_like(column)
    for j in range((rows + size - 1) // size):
      squares = torch.add_(torch.square_(self.clipped(torch.slice(g, 0, j * size, j * size + size), clip)), eps)
      mine = torch.slice(row, 0, j * size, j * size + size)
      torch.add_(torch.mul_(mine, beta2), torch.mean(squares, [1]), alpha=1.0 - beta2)
      torch.add_(total, torch.sum(squares, [0]))
    torch.add_(torch.mul_(column, beta2), total, alpha=(1.0 - beta2) / float(rows))
    factors = annotate(List[Tensor], [])
    factors.append(torch.unsqueeze(torch.rsqrt(torch.div(row, torch.mean(row))), 1))
    factors.append(torch.rsqrt(column))
    return factors

  def full_moment(self, g: Tensor, v: Tensor, beta2: float, eps: float, clip: float) -> List[Tensor]:
    squares = torch.add_(torch.square_(self.clipped(g, clip)), eps)
    torch.add_(torch.mul_(v, beta2), squares, alpha=1.0 - beta2)
    factors = annotate(List[Tensor], [])
    factors.append(torch.rsqrt(v))
    factors.append(torch.ones([1], dtype=6, device=g.device))
    return factors

  def factored_step(self, g: Tensor, factors: List[Tensor], start: int, size: int, clip: float) -> Tensor:
    u = torch.mul_(self.clipped(torch.slice(g, 0, start, start + size), clip), torch.slice(factors[0], 0, start, start + size))
    return torch.mul_(u, factors[1])

  def adafactor(self, p: List[Tensor], g: List[Tensor], row: List[Tensor], column: List[Tensor], first: List[Tensor], low: List[Tensor], settings: Tensor, chunk: Tensor, keys: Tensor, scratch: List[Tensor]) -> List[Tensor]:
    lr, beta1, beta2, eps, threshold, relative, scale, decay, clip = annotate(List[float], settings.tolist())
    key = annotate(List[int], keys.tolist())
    for i in range(len(p)):
      grad = torch.view_as(g[i], p[i])
      rows = p[i].size(0)
      width = torch.numel(p[i]) // rows
      size = min(rows, max(2, int(chunk) // width // 2 * 2))
      mine = torch.slice(key, 5 * i, 5 * i + 5)
      copy = low[min(i, len(low) - 1)]
      if len(p[i].size()) == 2:
        factors = self.factor_moments(grad, row[i], column[i], size, beta2, eps, clip)
      else:
        factors = self.full_moment(grad, row[i], beta2, eps, clip)
      steps = torch.zeros([], dtype=7, device=grad.device)
      weights = torch.zeros([], dtype=7, device=grad.device)
      for j in range((rows + size - 1) // size):
        u = self.factored_step(grad, factors, j * size, size, clip)
        torch.add_(steps, self.square_sum(torch.view(u, [-1])))
        if relative != 0.0:
          torch.add_(weights, self.square_sum(torch.view(self.widened(torch.slice(p[i], 0, j * size, j * size + size)), [-1])))
      n = float(torch.numel(p[i]))
      shrink = torch.reciprocal(torch.clamp_min(torch.div(torch.sqrt(torch.div(steps, n)), threshold), 1.0))
      if relative != 0.0:
        rate = torch.mul(torch.clamp_min(torch.sqrt(torch.div(weights, n)), scale), lr).to(6)
      else:
        rate = torch.full([], lr, dtype=6, device=grad.device)
      shrink32 = shrink.to(6)
      for j in range((rows + size - 1) // size):
        start = j * size * width
        u = torch.view(torch.mul_(self.factored_step(grad, factors, j * size, size, clip), shrink32), [-1])
        if beta1 != 0.0:
          u = torch.add_(torch.mul_(self.part(first[i], start, size * width), beta1), u, alpha=1.0 - beta1)
        into = self.part(p[i], start, size * width)
        w = self.widened(into)
        if decay != 0.0:
          w = torch.mul_(w, torch.rsub(torch.mul(rate, decay), 1))
        torch.sub_(w, torch.mul(u, rate))
        self.put_weights(into, w, copy, start, scratch, mine)
    return annotate(List[Tensor], [])
