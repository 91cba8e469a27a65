  def norm_forward(self, x: Tensor, weight: Tensor, bias: Tensor) -> Tuple[Tensor, Tensor, Tensor]:
    if x.is_cuda:
      weight = weight.to(x.dtype)
      bias = bias.to(x.dtype)
    return torch.native_layer_norm(x, [x.size(-1)], weight, bias, 1e-5)

  def norm_backward(self, grad: Tensor, x: Tensor, mean: Tensor, rstd: Tensor, weight: Tensor, bias: Tensor, into_weight: Tensor, into_bias: Tensor, beta: float) -> Tensor:
    if x.is_cuda:
      weight = weight.to(x.dtype)
      bias = bias.to(x.dtype)
    gx, gw, gb = torch.native_layer_norm_backward(grad, x, [x.size(-1)], mean, rstd, weight, bias, [True, True, True])
    self.put(into_weight, gw, beta)
    self.put(into_bias, gb, beta)
    return gx

  def put(self, into: Tensor, grad: Tensor, beta: float) -> Tensor:
    if beta == 0.:
      torch.copy_(into, grad)
    else:
      torch.add_(into, grad)
    return into

  def widens(self, x: Tensor) -> bool:
    return x.dtype == 5 and not x.is_cuda

  def affine(self, x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    if self.widens(x):
      return torch.linear(x.to(6), weight.to(6), bias.to(6)).to(5)
    return torch.linear(x, weight, bias)

  def linear(self, x: Tensor, weight: Tensor) -> Tensor:
    if self.widens(x):
      return torch.linear(x.to(6), weight.to(6)).to(5)
    return torch.linear(x, weight)

  def mm(self, a: Tensor, b: Tensor) -> Tensor:
    if self.widens(a):
      return torch.mm(a.to(6), b.to(6)).to(5)
    return torch.mm(a, b)

  def bmm(self, a: Tensor, b: Tensor) -> Tensor:
    if self.widens(a):
      return torch.bmm(a.to(6), b.to(6)).to(5)
    return torch.bmm(a, b)

  def addmm_into(self, into: Tensor, a: Tensor, b: Tensor, beta: float) -> Tensor:
    if self.widens(a):
      torch.copy_(into, torch.addmm(into.to(6), a.to(6), b.to(6), beta=beta))
    else:
      torch.addmm_(into, a, b, beta=beta)
    return into

  def product_into(self, into: Tensor, a: Tensor, b: Tensor, beta: float) -> Tensor:
    if into.dtype == a.dtype:
      self.addmm_into(into, a, b, beta)
    else:
      self.put(into, self.mm(a, b), beta)
    return into

  def linear_backward(self, grad: Tensor, x: Tensor, into_weight: Tensor, into_bias: Tensor, beta: float) -> Tensor:
    ones = torch.ones([1, grad.size(0)], dtype=grad.dtype, device=grad.device)
    self.product_into(torch.unsqueeze(into_bias, 0), ones, grad, beta)
    return self.product_into(into_weight, torch.t(grad), x, beta)

  def layer_norm(self, x: Tensor, weight: Tensor, bias: Tensor) -> List[Tensor]:
    y, mean, rstd = self.norm_forward(x, weight, bias)
    return [y, mean, rstd]

  def layer_norm_backward(self, grad: Tensor, residual: Tensor, x: Tensor, mean: Tensor, rstd: Tensor, weight: Tensor, bias: Tensor, into: List[Tensor], beta: Tensor) -> Tensor:
    gx = self.norm_backward(torch.view_as(grad, x), x, mean, rstd, weight, bias, into[0], into[1], float(beta))
    return torch.add_(gx, residual)
