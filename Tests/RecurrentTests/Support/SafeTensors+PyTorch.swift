import Foundation
import Recurrent

extension SafeTensors {
  /// What `safetensors.torch.save_file(model.state_dict())` writes of a module with an `nn.LSTM` (or `nn.RNN`) and an
  /// `nn.Linear`.
  static func pyTorch(
    prefix: String = "rnn.", head: String = "fc", gates: Int = 4, sizes: [Int] = [3, 5, 5], classes: Int = 2
  ) -> SafeTensors {
    var file = SafeTensors(tensors: [:], metadata: ["format": "pt"])
    func add(_ name: String, _ shape: [Int]) {
      let count = shape.reduce(1, *)
      let offset = file.tensors.count
      file.tensors[name] = Tensor(
        known: shape, values: (0..<count).map { Float(sin(Double($0 * 3 + offset))) / 4 })
    }
    for layer in 0..<sizes.count - 1 {
      let (input, hidden) = (sizes[layer], sizes[layer + 1])
      add("\(prefix)weight_ih_l\(layer)", [gates * hidden, input])
      add("\(prefix)weight_hh_l\(layer)", [gates * hidden, hidden])
      add("\(prefix)bias_ih_l\(layer)", [gates * hidden])
      add("\(prefix)bias_hh_l\(layer)", [gates * hidden])
    }
    add("\(head).weight", [classes, sizes[sizes.count - 1]])
    add("\(head).bias", [classes])
    return file
  }
}
