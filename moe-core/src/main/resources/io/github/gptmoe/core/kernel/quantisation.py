  def dequantized(self, codes: Tensor, scale: Tensor, map: Tensor) -> Tensor:
    x = torch.index_select(map, 0, codes.to(3))
    n = x.size(0)
    blocks = n // 256
    torch.mul_(torch.view(torch.slice(x, 0, 0, blocks * 256), [blocks, 256]), torch.unsqueeze(torch.slice(scale, 0, 0, blocks), 1))
    if n > blocks * 256:
      torch.mul_(torch.slice(x, 0, blocks * 256), torch.slice(scale, 0, blocks, blocks + 1))
    return x

  def quantize(self, into: Tensor, scale: Tensor, x: Tensor, lookup: Tensor, signed: bool, scratch: List[Tensor]) -> Tensor:
    n = x.size(0)
    blocks = n // 256
    rows = torch.view(torch.slice(x, 0, 0, blocks * 256), [blocks, 256])
    largest = torch.slice(scale, 0, 0, blocks)
    torch.copy_(largest, torch.amax(torch.abs(rows), [1]))
    torch.div_(rows, torch.unsqueeze(torch.clamp_min(largest, 1.1754943508222875e-38), 1))
    if n > blocks * 256:
      rest = torch.slice(x, 0, blocks * 256)
      last = torch.slice(scale, 0, blocks, blocks + 1)
      torch.copy_(last, torch.amax(torch.abs(rest), [0], True))
      torch.div_(rest, torch.clamp_min(last, 1.1754943508222875e-38))
    torch.copy_(torch.slice(scratch[0], 0, 0, n), x)
    bits = torch.slice(scratch[1], 0, 0, n)
    place = torch.bitwise_and_(torch.bitwise_right_shift(bits, 12), 524287)
    torch.clamp_(torch.sub_(place, 260096 - lookup.size(0) + 1), 0, lookup.size(0) - 1)
    codes = torch.index_select(lookup, 0, place)
    if signed:
      codes = torch.bitwise_or_(codes, torch.bitwise_and_(torch.bitwise_right_shift_(bits, 24), 128).to(0))
    return torch.copy_(into, codes)
