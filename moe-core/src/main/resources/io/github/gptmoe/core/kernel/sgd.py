  def sgd(self, p: List[Tensor], g: List[Tensor], buffers: List[Tensor], low: List[Tensor], settings: Tensor, chunk: Tensor, keys: Tensor, scratch: List[Tensor]) -> List[Tensor]:
    lr, momentum, nesterov, coupled, decoupled, clip = annotate(List[float], settings.tolist())
    key = annotate(List[int], keys.tolist())
    for i in range(len(p)):
      n = torch.numel(p[i])
      size = min(n, int(chunk))
      mine = torch.slice(key, 5 * i, 5 * i + 5)
      copy = low[min(i, len(low) - 1)]
      for j in range((n + size - 1) // size):
        into = self.part(p[i], j * size, size)
        w = self.widened(into)
        step = self.clipped(self.part(g[i], j * size, size), clip)
        if coupled != 0.0:
          step = torch.add_(step, w, alpha=coupled)
        if momentum != 0.0:
          buffer = torch.add_(torch.mul_(self.part(buffers[i], j * size, size), momentum), step)
          if nesterov != 0.0:
            step = torch.add_(step, buffer, alpha=momentum)
          else:
            step = buffer
        if decoupled != 0.0:
          w = torch.mul_(w, 1.0 - lr * decoupled)
        torch.add_(w, step, alpha=-(lr))
        self.put_weights(into, w, copy, j * size, scratch, mine)
    return annotate(List[Tensor], [])
