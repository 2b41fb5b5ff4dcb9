import Recurrent
import TestSupport
import Testing

/// A configuration as a value: its text, its JSON, and what is wrong with it.
@Suite struct ConfigurationTests {
  typealias Configuration = SequenceModel.Configuration

  @Test("JSON is short and readable: usual values are left out, keys stand in alphabetical order")
  func json() throws {
    let plain = Configuration(input: .features(28), layers: .lstm(20) + .gru(10), output: .classes(10))
    #expect(
      plain.json == #"{"input":{"features":28},"layers":[{"cell":"lstm","hiddenSize":20},"#
        + #"{"cell":"gru","hiddenSize":10}],"output":{"classes":10},"readout":"last"}"#)
    let cell = LSTMCell(
      hiddenSize: 7, projectionSize: 5, options: .init(hasPeepholes: true, cellClip: 0.1, cellActivation: .leakyRelu()))
    let layers: [LayerConfiguration] = [
      .bidirectional(cell, GRUCell(hiddenSize: 5, resetAfter: false), merge: .sum),
      .reverse(IndRNNCell(hiddenSize: 5)).residual().regularized(Regularization(dropout: 0.2)),
    ]
    let full = Configuration(
      input: .tokens(65, embedding: 16), layers: layers, readout: .everyStep, output: .labels(3), initialState: .learned
    )
    #expect(
      full.json == #"{"initialState":"learned","input":{"embedding":16,"tokens":65},"layers":[{"forward":"#
        + #"{"cell":"lstm","cellActivation":"leakyRelu(0.01)","cellClip":0.1,"hiddenSize":7,"peepholes":true,"#
        + #""projectionSize":5},"merge":"sum","reverse":{"cell":"gru","hiddenSize":5,"resetAfter":false}},"#
        + #"{"regularization":{"dropout":0.2},"residual":true,"reverse":{"cell":"indrnn","hiddenSize":5}}],"#
        + #""output":{"labels":3},"readout":"everyStep"}"#)
  }

  static let cells: [any RecurrentCell] = [
    LSTMCell(hiddenSize: 3), LSTMCell(hiddenSize: 5, projectionSize: 4),
    LSTMCell(hiddenSize: 5, options: .init(couplesInputAndForgetGates: true, hasLayerNorm: true, normEpsilon: 1e-5)),
    LSTMCell(
      hiddenSize: 5,
      options: .init(
        hasPeepholes: true, cellClip: 3, preactivationClip: 0.1, gateActivation: .hardSigmoid(),
        candidateActivation: .affine(alpha: -0.5, beta: 1e-7), cellActivation: .softsign)),
    GRUCell(hiddenSize: 3), GRUCell(hiddenSize: 3, resetAfter: false, options: .init(preactivationClip: 2)),
    GRUCell(hiddenSize: 3, options: .init(gateActivation: .softsign, candidateActivation: .elu(alpha: 0.5))),
    MGUCell(hiddenSize: 2), MGUCell(hiddenSize: 2, resetAfter: true), IndRNNCell(hiddenSize: 2),
    IndRNNCell(hiddenSize: 2, activation: .softplus), ElmanCell(hiddenSize: 2),
    ElmanCell(hiddenSize: 2, activation: .scaledTanh(alpha: 1.7, beta: 0.6), preactivationClip: 1e20),
  ]

  @Test("a configuration comes back equal from its JSON, and another one is not equal", arguments: cells.indices)
  func roundTrip(index: Int) throws {
    let cell = Self.cells[index]
    let noise = Regularization(
      dropout: 0.1, isVariational: true, hiddenZoneout: 0.3, stateZoneout: 0.05)
    let layers: [LayerConfiguration] = [
      LayerConfiguration(cell), .reverse(cell), .bidirectional(cell, cell, merge: .average).regularized(noise),
      LayerConfiguration(cell).residual(),
    ]
    let configuration = Configuration(input: .tokens(9), layers: layers, output: .values(2))
    let copy = try Configuration(json: configuration.json)
    #expect(copy == configuration && copy.hashValue == configuration.hashValue)
    for (other, another) in Self.cells.enumerated() where other != index {
      #expect(LayerConfiguration(another) != LayerConfiguration(cell), "\(other)")
    }
    for (first, layer) in layers.enumerated() {
      for second in 0..<first { #expect(layer != layers[second]) }
    }
  }

  @Test("blanks and the order of keys mean nothing")
  func layout() throws {
    let text = """
      { "readout": "last", "output": {"classes": 3},
        "layers": [ {"hiddenSize": 5, "cell": "elman"} ], "input": {"features": 2} }
      """
    #expect(
      try Configuration(json: text) == Configuration(input: .features(2), layers: .elman(5), output: .classes(3)))
  }

  struct Fault: Sendable, CustomTestStringConvertible {
    let json: String
    let message: String
    var testDescription: String { message }

    init(_ layers: String, _ message: String) { self.init(whole: "\"layers\":\(layers)", message) }
    init(whole: String, _ message: String) {
      var text = whole
      for (key, value) in [
        ("layers", #"[{"cell":"lstm","hiddenSize":2}]"#), ("input", #"{"features":3}"#), ("output", #"{"classes":2}"#),
      ] where !text.contains("\"\(key)\"") {
        text += ",\"\(key)\":\(value)"
      }
      (json, self.message) = ("{\(text)}", message)
    }
  }

  @Test(
    "what is wrong is named by its key, with what was expected",
    arguments: [
      Fault("[]", "layers: found none, expected at least one layer"),
      Fault(#"[{"cell":"lstm","hiddenSize":0}]"#, "layers.0.hiddenSize: found 0, expected a whole number from 1"),
      Fault(#"[{"cell":"lstm","hiddenSize":9223372036854775807}]"#, "layers.0.hiddenSize: found 9223372036854775807"),
      Fault(#"[{"cell":"lstm","hiddenSize":2.5}]"#, "layers.0.hiddenSize: found"),
      Fault(#"[{"cell":"lstm"}]"#, "layers.0.hiddenSize: found nothing"),
      Fault(#"[{"hiddenSize":2}]"#, "layers.0.hiddenSize: found an unknown key"),
      Fault(#"[{"cell":"qrnn","hiddenSize":2}]"#, "layers.0.cell: found 'qrnn', a cell that is not registered"),
      Fault(#"[{"cell":"lstm","hiddensize":2,"hiddenSize":2}]"#, "layers.0.hiddensize: found an unknown key"),
      Fault(#"[{"cell":"lstm","hiddenSize":2,"projectionSize":2}]"#, "layers.0.projectionSize: found 2"),
      Fault(
        #"[{"cell":"lstm","hiddenSize":2,"cellClip":0}]"#, "layers.0.cellClip: found 0.0, expected a number above 0"),
      Fault(#"[{"cell":"lstm","hiddenSize":2,"cellClip":1e39}]"#, "layers.0.cellClip: found"),
      Fault(
        #"[{"cell":"lstm","hiddenSize":2,"layerNorm":true,"preactivationClip":1}]"#,
        "layers.0.layerNorm: found true beside preactivationClip"),
      Fault(
        #"[{"cell":"elman","hiddenSize":2,"activation":"swish"}]"#, "layers.0.activation: found the function 'swish'"),
      Fault(#"[{"cell":"mgu","hiddenSize":2,"resetAfter":1}]"#, "layers.0.resetAfter: found a value of another kind"),
      Fault(
        #"[{"forward":{"cell":"gru","hiddenSize":2},"reverse":{"cell":"gru","hiddenSize":4},"merge":"sum"}]"#,
        "layers.0.merge: found 'sum' of 2 and 4 units"),
      Fault(
        #"[{"forward":{"cell":"gru","hiddenSize":2},"merge":"sum"}]"#, "layers.0.merge: found it for one direction"),
      Fault(
        #"[{"forward":{"cell":"gru","hiddenSize":2},"residual":true}]"#,
        "layers.0.residual: found 2 outputs of 3 features"),
      Fault(
        #"[{"forward":{"cell":"gru","hiddenSize":2},"regularization":{"dropout":1}}]"#,
        "layers.0.regularization.dropout: found 1.0, expected a probability below 1"),
      Fault(
        #"[{"forward":{"cell":"indrnn","hiddenSize":2},"regularization":{"weightDrop":0.5}}]"#,
        "layers.0.regularization: found recurrent dropout or weight drop of a layer of indrnn cells"),
      Fault(whole: #""output":{"classes":1}"#, "output.classes: found 1, expected at least two classes"),
      Fault(whole: #""output":{"classes":2,"values":1}"#, "output: found another number of keys"),
      Fault(whole: #""input":{"features":3,"tokens":2}"#, "input: found other keys"),
      Fault(whole: #""input":{"tokens":2,"embedding":-1}"#, "input.embedding: found -1"),
      Fault(whole: #""readout":"first""#, "readout: found a value out of range"),
      Fault(whole: #""optimizer":"adam""#, "optimizer: found an unknown key"),
    ])
  func faults(fault: Fault) throws {
    let error = try #require(throws: ConfigurationError.self) { try Configuration(json: fault.json) }
    #expect(error.description.hasPrefix(fault.message), "\(error)")
  }

  @Test(
    "a text that is no JSON, or too deep for a parser, is refused",
    arguments: ["", "{", "null", "[]", "\u{0}", String(repeating: "[", count: 100_000)])
  func noJSON(text: String) {
    #expect(throws: ConfigurationError.self) { try Configuration(json: text) }
  }

  @Test("what is wrong with a value that a program made")
  func check() throws {
    var configuration = Configuration(input: .features(3), layers: .gru(3, count: 2), output: .classes(2))
    try configuration.check()
    configuration.layers[1] = configuration.layers[1].residual()
    try configuration.check()
    configuration.layers[0] = LayerConfiguration(GRUCell(hiddenSize: 4))
    let error = try #require(throws: ConfigurationError.self) { try configuration.check() }
    #expect(error.key == "layers.1.residual" && error.found == "3 outputs of 4 features")
    configuration.input = .features(0)
    #expect(throws: ConfigurationError.self) { try configuration.check() }
  }

  @Test("one line says what a network is, and a table what each layer costs")
  func texts() {
    let configuration = Configuration(
      input: .features(28),
      layers: .lstm(20) + [.bidirectional(GRUCell(hiddenSize: 5), GRUCell(hiddenSize: 5), merge: .sum)],
      output: .classes(10))
    #expect("\(configuration)" == "28 features → lstm 20 → gru 5 & gru 5, merge sum → last step → 10 classes")
    #expect(
      "\(SequenceModel(configuration))" == """
        layer  kind                  shape    parameters
        0      lstm                  28 → 20       3,920
        1      gru & gru, merge sum  20 → 5          790
        head   classes               5 → 10           60
        total                                      4,770
        """)
  }

  @Test("a network has its configuration, whatever it was made with, and another one's layers don't share weights")
  func model() {
    let configuration = Configuration(input: .features(3), layers: .lstm(4, count: 2), output: .classes(2))
    let model = SequenceModel(configuration, seed: 3)
    #expect(model.configuration == configuration && model.layers == configuration.layers)
    let noise = Regularization(dropout: 0.5)
    #expect(
      model.regularized({ _ in noise }).configuration.layers == configuration.layers.map { $0.regularized(noise) })
    #expect(model.parameters["weight_hh_l0"] != model.parameters["weight_hh_l1"])
  }
}
