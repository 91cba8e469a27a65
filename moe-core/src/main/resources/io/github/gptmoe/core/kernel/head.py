  def head_logits(self, x: Tensor, norm_weight: Tensor, norm_bias: Tensor, tokens: Tensor) -> Tensor:
    h, mean, rstd = self.norm_forward(x, norm_weight, norm_bias)
    return self.linear(h, tokens).to(6)

  def head_nll(self, x: Tensor, norm_weight: Tensor, norm_bias: Tensor, tokens: Tensor, targets: Tensor, chunk_tokens: Tensor) -> Tensor:
    chunk = int(chunk_tokens)
    h3, mean, rstd = self.norm_forward(x, norm_weight, norm_bias)
    h = torch.reshape(h3, [-1, x.size(-1)])
    t = torch.reshape(targets, [-1])
    T = h.size(0)
    if self.widens(h):
      tokens = tokens.to(6)
    out = annotate(List[Tensor], [])
    i = 0
    while i < T:
      j = min(i + chunk, T)
      logits = self.linear(torch.slice(h, 0, i, j), tokens).to(6)
      picked = torch.gather(logits, 1, torch.unsqueeze(torch.slice(t, 0, i, j), 1))
      out.append(torch.squeeze(torch.sub(torch.logsumexp(logits, [-1], True), picked), 1))
      i = j
    return torch.cat(out, 0)

  def head_backward(self, x: Tensor, norm_weight: Tensor, norm_bias: Tensor, tokens: Tensor, targets: Tensor, weights: Tensor, chunk_tokens: Tensor, grad_scale: Tensor, into: List[Tensor], beta_: Tensor) -> Tuple[Tensor, Tensor]:
    chunk = int(chunk_tokens)
    beta = float(beta_)
    D = x.size(-1)
    h3, mean, rstd = self.norm_forward(x, norm_weight, norm_bias)
    h = torch.reshape(h3, [-1, D])
    grad_h = torch.empty_like(h)
    t = torch.unsqueeze(torch.reshape(targets, [-1]), 1)
    w = torch.unsqueeze(torch.reshape(weights, [-1]), 1)
    scaled = torch.mul(w, float(grad_scale))
    half = h.dtype == 5
    hw = h
    if not half:
      hw = torch.mul(h, scaled.to(h.dtype))
    T = h.size(0)
    chunk = min(chunk, T)
    minus_one = torch.full([chunk, 1], -1., dtype=6, device=x.device)
    loss = torch.zeros([], dtype=6, device=x.device)
    block = min(max(chunk, 1024), T)
    V = tokens.size(0)
    extra = (16 - V % 16) % 16
    if extra > 0:
      tokens = torch.constant_pad_nd(tokens, [0, 0, 0, extra])
    if self.widens(h):
      tokens = tokens.to(6)
    g = torch.empty([block, V + extra], dtype=h.dtype, device=x.device)
    i = 0
    while i < T:
      j = min(i + block, T)
      k = i
      while k < j:
        l = min(k + chunk, j)
        tc = torch.slice(t, 0, k, l)
        logits = self.linear(torch.slice(h, 0, k, l), tokens)
        torch.fill_(torch.slice(logits, 1, V), float("-inf"))
        p = torch.log_softmax(logits, -1, dtype=6)
        torch.sub_(loss, torch.sum(torch.mul(torch.gather(p, 1, tc), torch.slice(w, 0, k, l))))
        torch.scatter_add_(torch.exp_(p), 1, tc, torch.slice(minus_one, 0, 0, l - k))
        if half:
          torch.mul_(p, torch.slice(scaled, 0, k, l))
        torch.copy_(torch.slice(g, 0, k - i, l - i), p)
        k = l
      gc = torch.slice(g, 0, 0, j - i)
      self.addmm_into(torch.slice(grad_h, 0, i, j), gc, tokens, 0.)
      self.product_into(into[2], torch.t(torch.slice(gc, 1, 0, V)), torch.slice(hw, 0, i, j), beta)
      beta = 1.
      i = j
    if not half:
      torch.mul_(grad_h, scaled.to(h.dtype))
    gx = self.norm_backward(torch.view_as(grad_h, x), x, mean, rstd, norm_weight, norm_bias, into[0], into[1], float(beta_))
    return (loss, gx)
