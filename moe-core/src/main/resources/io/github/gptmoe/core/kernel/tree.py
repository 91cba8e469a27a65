  def tree_attention(self, q4: Tensor, k4: Tensor, v4: Tensor, ends: Tensor, shared_: Tensor, block_: Tensor) -> Tensor:
    shared = int(shared_)
    block = int(block_)
    B = q4.size(0)
    H = q4.size(1)
    L = q4.size(2)
    C = q4.size(3)
    q = torch.mul(torch.view(q4, [-1, L, C]), float(C) ** -0.5)
    k = torch.view(k4, [-1, L, C])
    v = torch.view(v4, [-1, L, C])
    o = torch.empty_like(q)
    places = torch.arange(L, dtype=4, device=q.device)
    i = 0
    while i < L:
      j = min(i + block, L)
      seen = min(i, shared)
      queries = torch.unsqueeze(torch.slice(places, 0, i, j), 1)
      later = torch.gt(torch.slice(places, 0, seen, j), queries)
      closed = torch.le(torch.unsqueeze(torch.slice(ends, 1, seen, j), 1), queries)
      hidden = torch.unsqueeze(torch.logical_or(closed, later), 1)
      scores = self.bmm(torch.slice(q, 1, i, j), torch.transpose(torch.slice(k, 1, 0, j), 1, 2))
      torch.masked_fill_(torch.slice(torch.view(scores, [B, H, j - i, j]), 3, seen, j), hidden, float("-inf"))
      torch.copy_(torch.slice(o, 1, i, j), self.bmm(torch.softmax(scores, -1), torch.slice(v, 1, 0, j)))
      i = j
    return torch.view_as(o, q4)

  def head_asked(self, x: Tensor, norm_weight: Tensor, norm_bias: Tensor, tokens: Tensor, rows: Tensor, firsts_: Tensor, pair_rows: Tensor, pair_tokens: Tensor, chunk: int, want_best: bool) -> Tuple[Tensor, Tensor]:
    firsts = annotate(List[int], firsts_.tolist())
    h, mean, rstd = self.norm_forward(torch.index_select(torch.reshape(x, [-1, x.size(-1)]), 0, rows), norm_weight, norm_bias)
    R = h.size(0)
    V = tokens.size(0)
    if self.widens(h):
      tokens = tokens.to(6)
    out = annotate(List[Tensor], [])
    best = annotate(List[Tensor], [])
    i = 0
    while i < R:
      j = min(i + chunk, R)
      logits = self.linear(torch.slice(h, 0, i, j), tokens).to(6)
      row = torch.sub(torch.slice(pair_rows, 0, firsts[i], firsts[j]), i)
      at = torch.add(torch.mul(row, V), torch.slice(pair_tokens, 0, firsts[i], firsts[j]))
      picked = torch.index_select(torch.reshape(logits, [-1]), 0, at)
      out.append(torch.sub(picked, torch.index_select(torch.logsumexp(logits, [-1], False), 0, row)))
      if want_best:
        best.append(torch.index_select(torch.argmax(logits, 1, False), 0, row))
      i = j
    ids = pair_tokens
    if want_best:
      ids = torch.cat(best, 0)
    return (torch.cat(out, 0), ids)

  def head_log_probabilities(self, x: Tensor, norm_weight: Tensor, norm_bias: Tensor, tokens: Tensor, rows: Tensor, firsts: Tensor, pair_rows: Tensor, pair_tokens: Tensor, chunk: Tensor) -> Tensor:
    values, ids = self.head_asked(x, norm_weight, norm_bias, tokens, rows, firsts, pair_rows, pair_tokens, int(chunk), False)
    return values

  def head_next_tokens(self, x: Tensor, norm_weight: Tensor, norm_bias: Tensor, tokens: Tensor, rows: Tensor, firsts: Tensor, pair_rows: Tensor, pair_tokens: Tensor, chunk: Tensor) -> Tuple[Tensor, Tensor]:
    return self.head_asked(x, norm_weight, norm_bias, tokens, rows, firsts, pair_rows, pair_tokens, int(chunk), True)
