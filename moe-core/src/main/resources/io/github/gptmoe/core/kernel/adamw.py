  def adamw(self, p: List[Tensor], g: List[Tensor], m: List[Tensor], v: List[Tensor], low: List[Tensor], chunk_p: List[Tensor], chunk_m: List[Tensor], chunk_v: List[Tensor], settings: Tensor, chunk: Tensor, keys: Tensor, scratch: List[Tensor], m_scale: List[Tensor], v_scale: List[Tensor], maps: List[Tensor]) -> List[Tensor]:
    numbers = annotate(List[float], settings.tolist())
    key = annotate(List[int], keys.tolist())
    for i in range(len(p)):
      n = torch.numel(p[i])
      size = min(n, int(chunk))
      mine = torch.slice(key, 5 * i, 5 * i + 5)
      copy = low[min(i, len(low) - 1)]
      scale_m = m_scale[min(i, len(m_scale) - 1)]
      scale_v = v_scale[min(i, len(v_scale) - 1)]
      for j in range((n + size - 1) // size):
        start = j * size
        w = self.part(p[i], start, size)
        first = self.part(m[i], start, size)
        second = self.part(v[i], start, size)
        chunk_p[0] = self.widened(w)
        chunk_m[0] = self.moment(first, scale_m, start, maps[0])
        chunk_v[0] = self.moment(second, scale_v, start, maps[1])
        self.adamw_chunk(chunk_p, self.part(g[i], start, size), chunk_m, chunk_v, numbers)
        self.put_weights(w, chunk_p[0], copy, start, scratch, mine)
        self.put_first(first, chunk_m[0], scale_m, start, maps, scratch)
        self.put_second(second, chunk_v[0], scale_v, start, maps, scratch, mine)
    return annotate(List[Tensor], [])

  def adamw_chunk(self, p: List[Tensor], g: Tensor, m: List[Tensor], v: List[Tensor], settings: List[float]) -> List[Tensor]:
    t, lr, beta1, beta2, eps, decay, clip = settings
    g32s = annotate(List[Tensor], [])
    g32s.append(self.clipped(g, clip))
    steps = annotate(List[Tensor], [])
    steps.append(torch.full([], t, dtype=6, device=g.device))
    torch._fused_adamw_(p, g32s, m, v, annotate(List[Tensor], []), steps, lr=lr, beta1=beta1, beta2=beta2, weight_decay=decay, eps=eps, amsgrad=False, maximize=False)
    return p

  def moment(self, x: Tensor, scale: Tensor, start: int, map: Tensor) -> Tensor:
    if x.dtype == 0:
      y = self.dequantized(x, torch.slice(scale, 0, start // 256), map)
    else:
      y = self.widened(x)
    return y

  def put_first(self, into: Tensor, x: Tensor, scale: Tensor, start: int, maps: List[Tensor], scratch: List[Tensor]) -> Tensor:
    if into.dtype == 0:
      into = self.quantize(into, torch.slice(scale, 0, start // 256), x, maps[2], True, scratch)
    elif into.dtype == 15:
      into = torch.copy_(into, x)
    return into

  def put_second(self, into: Tensor, x: Tensor, scale: Tensor, start: int, maps: List[Tensor], scratch: List[Tensor], keys: List[int]) -> Tensor:
    if into.dtype == 0:
      into = self.quantize(into, torch.slice(scale, 0, start // 256), x, maps[3], False, scratch)
    elif into.dtype == 15:
      into = self.put_stochastic(into, x, scratch, keys[2] + start, keys[3], keys[4])
    return into
