  def embed(self, ids: Tensor, tokens: Tensor, positions: Tensor, start: Tensor) -> Tensor:
    first = int(start)
    last = first + ids.size(1)
    return torch.add(torch.embedding(tokens, ids), torch.slice(positions, 0, first, last))

  def embed_backward(self, ids: Tensor, grad: Tensor, into_tokens: Tensor, into_positions: Tensor) -> List[Tensor]:
    flat = torch.reshape(grad, [-1, grad.size(-1)]).to(into_tokens.dtype)
    torch.index_add_(into_tokens, 0, torch.reshape(ids, [-1]), flat)
    summed = torch.sum(grad.to(6), [0])
    torch.add_(torch.slice(into_positions, 0, 0, grad.size(1)), summed)
    return annotate(List[Tensor], [])

  def layer_norm(self, x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    return torch.layer_norm(x, [x.size(-1)], weight, bias, 1e-5)

  def attend(self, q: Tensor, k: Tensor, v: Tensor, fused: bool) -> Tensor:
    if fused:
      o = torch.scaled_dot_product_attention(q, k, v, None, 0., True)
    else:
      queries = q.size(-2)
      keys = k.size(-2)
      mask = torch.triu(torch.full([queries, keys], float("-inf"), dtype=q.dtype, device=q.device), 1 + keys - queries)
      scale = float(q.size(-1)) ** -0.5
      scores = torch.matmul(torch.mul(q, scale), torch.transpose(k, -2, -1))
      o = torch.matmul(torch.softmax(torch.add_(scores, mask), -1), v)
    return o

  def attention(self, x: Tensor, norm_weight: Tensor, norm_bias: Tensor, qkv_weight: Tensor, qkv_bias: Tensor, out_weight: Tensor, out_bias: Tensor, heads: Tensor, fused: Tensor) -> Tensor:
    B = x.size(0)
    L = x.size(1)
    D = x.size(2)
    H = int(heads)
    h = torch.layer_norm(x, [D], norm_weight, norm_bias, 1e-5)
    qkv = torch.permute(torch.view(torch.linear(h, qkv_weight, qkv_bias), [B, L, 3, H, D // H]), [2, 0, 3, 1, 4])
    q, k, v = torch.unbind(qkv, 0)
    o = self.attend(q, k, v, bool(fused))
    joined = torch.reshape(torch.permute(o, [0, 2, 1, 3]), [B, L, D])
    return torch.add(x, torch.linear(joined, out_weight, out_bias))

  def attention_cached(self, x: Tensor, norm_weight: Tensor, norm_bias: Tensor, qkv_weight: Tensor, qkv_bias: Tensor, out_weight: Tensor, out_bias: Tensor, heads: Tensor, start: Tensor, keys: Tensor, values: Tensor) -> Tensor:
    B = x.size(0)
    L = x.size(1)
    D = x.size(2)
    H = int(heads)
    first = int(start)
    last = first + L
    h = torch.layer_norm(x, [D], norm_weight, norm_bias, 1e-5)
    qkv = torch.permute(torch.view(torch.linear(h, qkv_weight, qkv_bias), [B, L, 3, H, D // H]), [2, 0, 3, 1, 4])
    q, k, v = torch.unbind(qkv, 0)
    torch.copy_(torch.slice(keys, 2, first, last), k)
    torch.copy_(torch.slice(values, 2, first, last), v)
    o = self.attend(q, torch.slice(keys, 2, 0, last), torch.slice(values, 2, 0, last), False)
    joined = torch.reshape(torch.permute(o, [0, 2, 1, 3]), [B, L, D])
    return torch.add(x, torch.linear(joined, out_weight, out_bias))

  def ffn(self, h: Tensor, up_weight: Tensor, up_bias: Tensor, down_weight: Tensor, down_bias: Tensor) -> Tensor:
    return torch.linear(torch.gelu(torch.linear(h, up_weight, up_bias)), down_weight, down_bias)

  def dense_block(self, x: Tensor, norm_weight: Tensor, norm_bias: Tensor, up_weight: Tensor, up_bias: Tensor, down_weight: Tensor, down_bias: Tensor) -> Tensor:
    h = torch.layer_norm(x, [x.size(-1)], norm_weight, norm_bias, 1e-5)
    return torch.add(x, self.ffn(h, up_weight, up_bias, down_weight, down_bias))

  def experts(self, h: Tensor, ids: Tensor, gate: Tensor, up_weight: List[Tensor], up_bias: List[Tensor], down_weight: List[Tensor], down_bias: List[Tensor]) -> Tensor:
    E = len(up_weight)
    order = torch.argsort(ids, stable=True, dim=0)
    counts = annotate(List[int], torch.bincount(ids, None, E + 1).tolist())
    parts = torch.split_with_sizes(torch.index_select(h, 0, order), counts, 0)
    outs = annotate(List[Tensor], [])
    for e in range(E):
      if counts[e] > 0:
        outs.append(self.ffn(parts[e], up_weight[e], up_bias[e], down_weight[e], down_bias[e]))
    if counts[E] > 0:
      outs.append(torch.zeros_like(parts[E]))
    y = torch.index_select(torch.cat(outs, 0), 0, torch.argsort(order))
    return torch.mul(y, torch.unsqueeze(gate.to(y.dtype), -1))

  def add_reshaped(self, x: Tensor, y: Tensor) -> Tensor:
    return torch.add(x, torch.view_as(y, x))

  def residual_mix(self, x: Tensor, h: Tensor, expert: Tensor, dense: Tensor, gate_weight: Tensor, gate_bias: Tensor) -> Tensor:
    c = torch.softmax(torch.linear(h.to(6), gate_weight.to(6), gate_bias.to(6)), -1).to(expert.dtype)
    c0, c1 = torch.unbind(c, -1)
    y = torch.add(torch.mul(expert, torch.unsqueeze(c0, -1)), torch.mul(dense, torch.unsqueeze(c1, -1)))
    return torch.add(x, torch.view_as(y, x))
