import TestSupport
import Testing

@testable import Recurrent

/// A stream is made from a model and goes on by itself.
@Suite struct StreamOwnershipTests {
  @Test("streams may be copied and reset; a copy goes its own way")
  func copies() throws {
    let model = SequenceModel(.init(input: .features(2), layers: .lstm(5), output: .classes(3)))
    var stream = try model.makeStream()
    try stream.step([1, 2])
    var second = stream
    try second.step([3, 4])
    let apart = stream
    #expect(apart.values != second.values && apart.stepCount == 1)
    try stream.step([3, 4])
    #expect(stream.values == second.values)
    stream.reset()
    try stream.run([1, 2, 3, 4])
    #expect(stream.values == second.values)
  }

  @Test("changes of the model do not reach its streams")
  func laterWeights() throws {
    var model = SequenceModel(.init(input: .features(2), layers: .lstm(5), output: .classes(3)))
    var (stream, old) = (try model.makeStream(), try model.makeStream())
    model.parameters["head.bias"] = Tensor(known: [3], values: [1, 2, 3])
    try stream.step([1, 2])
    try old.step([1, 2])
    var new = try model.makeStream()
    try new.step([1, 2])
    #expect(stream.values == old.values && stream.values != new.values)
  }
}
