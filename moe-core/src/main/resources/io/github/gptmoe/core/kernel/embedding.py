  def embed(self, ids: Tensor, tokens: Tensor, positions: Tensor) -> Tensor:
    return torch.add(torch.embedding(tokens, ids), torch.slice(positions, 0, 0, ids.size(1)))

  def embed_backward(self, ids: Tensor, grad: Tensor, into_tokens: Tensor, into_positions: Tensor, beta: Tensor) -> List[Tensor]:
    flat = torch.reshape(grad, [-1, grad.size(-1)]).to(into_tokens.dtype)
    torch.index_add_(into_tokens, 0, torch.reshape(ids, [-1]), flat)
    if float(beta) == 0.:
      torch.zero_(into_positions)
    torch.add_(torch.slice(into_positions, 0, 0, grad.size(1)), torch.sum(grad.to(6), [0]))
    return annotate(List[Tensor], [])
