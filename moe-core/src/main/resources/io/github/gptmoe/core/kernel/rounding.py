  def noise16(self, scratch: List[Tensor], first: int, count: int, key0: int, key1: int) -> Tensor:
    pairs = (count + 1) // 2
    offset = (first // 2 + 2147483648) % 4294967296 - 2147483648
    x = torch.slice(scratch[2], 0, 0, pairs)
    torch.add_(torch.copy_(x, torch.slice(scratch[4], 0, 0, pairs)), offset)
    torch.bitwise_xor_(x, key0)
    torch.bitwise_xor_(x, torch.bitwise_and_(torch.bitwise_right_shift(x, 16), 65535))
    torch.mul_(x, 2146121005)
    torch.bitwise_xor_(x, torch.bitwise_and_(torch.bitwise_right_shift(x, 15), 131071))
    torch.add_(x, key1)
    torch.mul_(x, -2073254261)
    torch.bitwise_xor_(x, torch.bitwise_and_(torch.bitwise_right_shift(x, 16), 65535))
    return torch.bitwise_and_(torch.slice(scratch[3], 0, 0, count).to(3), 65535)

  def put_stochastic(self, into: Tensor, x: Tensor, scratch: List[Tensor], first: int, key0: int, key1: int) -> Tensor:
    n = x.size(0)
    held = torch.slice(scratch[0], 0, 0, n)
    torch.copy_(held, x)
    bits = torch.slice(scratch[1], 0, 0, n)
    torch.bitwise_and_(torch.add_(bits, self.noise16(scratch, first, n, key0, key1)), -65536)
    return torch.copy_(into, held)
