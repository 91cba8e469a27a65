  def few_linear(self, x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    T = x.size(0)
    if T > 16 or x.dtype != 6 or x.is_cuda:
      return self.affine(x, weight, bias)
    if T == 1:
      y = torch.addmm(torch.unsqueeze(bias, 1), weight, torch.t(torch.cat([x, x], 0)))
      return torch.reshape(torch.select(y, 1, 0), [1, -1])
    return torch.contiguous(torch.t(torch.addmm(torch.unsqueeze(bias, 1), weight, torch.t(x))))

  def few_product(self, x: Tensor, weight: Tensor) -> Tensor:
    T = x.size(0)
    if T > 16 or x.dtype != 6 or x.is_cuda:
      return self.linear(x, weight)
    if T == 1:
      return torch.reshape(torch.select(torch.mm(weight, torch.t(torch.cat([x, x], 0))), 1, 0), [1, -1])
    return torch.contiguous(torch.t(torch.mm(weight, torch.t(x))))

  def few_ffn(self, h: Tensor, up_weight: Tensor, up_bias: Tensor, down_weight: Tensor, down_bias: Tensor) -> Tensor:
    return self.few_linear(torch.gelu(self.few_linear(h, up_weight, up_bias)), down_weight, down_bias)

  def few_experts(self, h: Tensor, gate: Tensor, order: Tensor, counts: Tensor, up_weight: List[Tensor], up_bias: List[Tensor], down_weight: List[Tensor], down_bias: List[Tensor]) -> Tensor:
    if len(up_weight) == 1:
      y = self.few_ffn(h, up_weight[0], up_bias[0], down_weight[0], down_bias[0])
      return torch.mul_(y, torch.unsqueeze(gate.to(h.dtype), 1))
    parts = annotate(List[Tensor], [])
    sizes = annotate(List[int], counts.tolist())
    x = torch.index_select(h, 0, order)
    i = 0
    for e in range(len(up_weight)):
      j = i + sizes[e]
      parts.append(self.few_ffn(torch.slice(x, 0, i, j), up_weight[e], up_bias[e], down_weight[e], down_bias[e]))
      i = j
    y = torch.empty_like(h)
    torch.index_copy_(y, 0, order, torch.cat(parts, 0))
    return torch.mul_(y, torch.unsqueeze(gate.to(h.dtype), 1))

  def decode_embed(self, ids: Tensor, lengths: Tensor, tokens: Tensor, positions: Tensor) -> Tensor:
    return torch.add(torch.embedding(tokens, ids), torch.embedding(positions, lengths))

  def decode_attention(self, x: Tensor, norm_weight: Tensor, norm_bias: Tensor, qkv_weight: Tensor, qkv_bias: Tensor, out_weight: Tensor, out_bias: Tensor, heads: Tensor, slots: Tensor, later: Tensor, keys: Tensor, values: Tensor) -> Tensor:
    B = x.size(0)
    D = x.size(1)
    H = int(heads)
    C = D // H
    last = later.size(1)
    h, mean, rstd = self.norm_forward(x, norm_weight, norm_bias)
    q, k, v = torch.split(self.few_linear(h, qkv_weight, qkv_bias), D, 1)
    torch.index_copy_(torch.view(keys, [-1, C]), 0, slots, torch.reshape(k, [-1, C]))
    torch.index_copy_(torch.view(values, [-1, C]), 0, slots, torch.reshape(v, [-1, C]))
    all_k = torch.slice(torch.slice(keys, 0, 0, B), 2, 0, last)
    all_v = torch.slice(torch.slice(values, 0, 0, B), 2, 0, last)
    o = q
    if x.is_cuda or x.dtype == 6:
      q4 = torch.reshape(q, [B, H, 1, C])
      o = torch.scaled_dot_product_attention(q4, all_k, all_v, torch.view(later, [B, 1, 1, last]).to(x.dtype))
    else:
      columns = torch.reshape(torch.mul(q, float(C) ** -0.5), [-1, C, 1])
      scores = self.bmm(torch.view(all_k, [-1, last, C]), columns)
      masked = torch.add_(torch.view(scores, [B, H, last]), torch.unsqueeze(later, 1))
      shares = torch.view(torch.softmax(masked, -1), [-1, 1, last])
      o = self.bmm(shares, torch.view(all_v, [-1, last, C]))
    return torch.add_(self.few_linear(torch.reshape(o, [B, D]), out_weight, out_bias), x)

  def decode_ffn(self, x: Tensor, norm_weight: Tensor, norm_bias: Tensor, up_weight: Tensor, up_bias: Tensor, down_weight: Tensor, down_bias: Tensor) -> Tensor:
    h, mean, rstd = self.norm_forward(x, norm_weight, norm_bias)
    return torch.add_(self.few_ffn(h, up_weight, up_bias, down_weight, down_bias), x)

  def decode_route(self, x: Tensor, norm_weight: Tensor, norm_bias: Tensor, router_weight: Tensor) -> List[Tensor]:
    h, mean, rstd = self.norm_forward(x, norm_weight, norm_bias)
    logits = self.few_product(h.to(6), router_weight)
    chosen = torch.argmax(logits, 1, True)
    gate = torch.gather(torch.softmax(logits, 1), 1, chosen)
    return [h, torch.squeeze(chosen, 1), torch.squeeze(gate, 1)]

  def decode_experts(self, x: Tensor, h: Tensor, gate: Tensor, order: Tensor, counts: Tensor, up_weight: List[Tensor], up_bias: List[Tensor], down_weight: List[Tensor], down_bias: List[Tensor]) -> Tensor:
    return torch.add_(self.few_experts(h, gate, order, counts, up_weight, up_bias, down_weight, down_bias), x)

  def decode_residual_experts(self, x: Tensor, h: Tensor, gate: Tensor, order: Tensor, counts: Tensor, up_weight: List[Tensor], up_bias: List[Tensor], down_weight: List[Tensor], down_bias: List[Tensor], dense: List[Tensor], mix: List[Tensor]) -> Tensor:
    expert = self.few_experts(h, gate, order, counts, up_weight, up_bias, down_weight, down_bias)
    other = self.few_ffn(h, dense[0], dense[1], dense[2], dense[3])
    return (self.residual_mix(x, h, expert, other, mix[0], mix[1]))[0]

  def decode_logits(self, x: Tensor, norm_weight: Tensor, norm_bias: Tensor, tokens: Tensor) -> Tensor:
    h, mean, rstd = self.norm_forward(x, norm_weight, norm_bias)
    return self.few_product(h, tokens).to(6)

  def pick_rows(self, x: Tensor, index: Tensor) -> Tensor:
    return torch.index_select(torch.reshape(x, [-1, x.size(-1)]), 0, index)

  def cache_store(self, keys: Tensor, values: Tensor, k: Tensor, v: Tensor, first_: Tensor) -> List[Tensor]:
    first = int(first_)
    last = first + k.size(0)
    torch.copy_(torch.slice(torch.slice(keys, 0, first, last), 2, 0, k.size(2)), k)
    torch.copy_(torch.slice(torch.slice(values, 0, first, last), 2, 0, v.size(2)), v)
    return annotate(List[Tensor], [])

  def cache_move(self, caches: List[Tensor], sources: Tensor, targets: Tensor, last_: Tensor) -> List[Tensor]:
    last = int(last_)
    for cache in caches:
      used = torch.slice(cache, 2, 0, last)
      torch.index_copy_(used, 0, targets, torch.index_select(used, 0, sources))
    return annotate(List[Tensor], [])

  def cache_grow(self, into: List[Tensor], caches: List[Tensor]) -> List[Tensor]:
    for i in range(len(caches)):
      torch.copy_(torch.slice(into[i], 0, 0, caches[i].size(0)), caches[i])
    return annotate(List[Tensor], [])
