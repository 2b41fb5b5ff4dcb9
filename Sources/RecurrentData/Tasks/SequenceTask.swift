import Recurrent

/// A task that makes its own data: trained on short sequences, it shows on long ones whether a network has learned the
/// rule or only its examples.
///
/// ```swift
/// let task = SequenceTask.parity
/// var model = SequenceModel(task.configuration(layers: .lstm(32)), seed: 0)
/// try model.train(on: task.dataset(count: 64, length: 40, seed: 0).wholeBatch, with: &optimizer)
/// print(try LengthAccuracy(of: model, on: task, lengths: [40, 500, 2048], count: 100, seed: 1))
/// ```
///
/// A length is the number of steps of a whole sequence, whatever happens in them. A class is predicted correctly if its
/// output is the largest; each case says what is predicted, ``chance`` how often a guess is right.
///
/// The first four are the word problems of groups: each step multiplies what has come so far by an element. One layer of
/// recurrent cells can solve that of S₅ for all lengths. Transformers and diagonal linear recurrences of a fixed depth
/// cannot, unless TC⁰ = NC¹, which is believed to be false (Merrill, Petty and Sabharwal, 2024).
public enum SequenceTask: String, Sendable, Codable, CaseIterable {
  /// Whether the ones so far are odd in number.
  ///
  /// ```
  /// x(t) ∈ {0, 1} uniform        y(t) = (x(1) + … + x(t)) mod 2
  /// ```
  ///
  /// A target at every step. Source: Minsky and Papert, *Perceptrons*, 1969; for recurrent networks and transformers Liu
  /// et al., *Transformers Learn Shortcuts to Automata*, ICLR 2023.
  case parity
  /// The sum of the digits so far, modulo 5.
  ///
  /// ```
  /// x(t) ∈ {0, …, 4} uniform     y(t) = (x(1) + … + x(t)) mod 5
  /// ```
  ///
  /// A target at every step. Source: Delétang et al., *Neural Networks and the Chomsky Hierarchy*, ICLR 2023, whose
  /// modular arithmetic has operators and one target at the end; here the sum alone, at every step.
  case mod5
  /// The product of the permutations of three things so far.
  ///
  /// ```
  /// x(t) ∈ S₃ uniform            y(t) = x(t) ∘ … ∘ x(1)         6 tokens, 6 classes
  /// ```
  ///
  /// A target at every step. Elements are numbered in the lexicographic order of their images. The smallest group in
  /// which order matters. Source: Liu et al., 2023.
  case s3
  /// The product of permutations of five things so far, each of them one of two that make all of S₅.
  ///
  /// ```
  /// x(t) ∈ {(0 1), (0 1 2 3 4)} uniform     y(t) = x(t) ∘ … ∘ x(1)        2 tokens, 120 classes
  /// ```
  ///
  /// A target at every step. Elements are numbered in the lexicographic order of their images. Source: Merrill, Petty
  /// and Sabharwal, *The Illusion of State in State-Space Models*, ICML 2024; Barrington, 1989, for why this group.
  case s5
  /// Brackets of two kinds, nested up to eight deep: which bracket has to close next.
  ///
  /// ```
  /// x(t) ∈ { (, [, ), ] }     y(t) ∈ { ), ], none }  the partner of the innermost bracket that is open
  /// ```
  ///
  /// A target at every step, which takes a stack: counting brackets is not enough. Any prefix of a well-nested word may
  /// come. At depth 0 the next bracket opens, at depth 8 it closes, in between it does either as likely; the kind of one
  /// that opens is a toss. Source: Suzgun et al., *Memory-Augmented Recurrent Neural Networks Can Learn Generalized Dyck
  /// Languages*, 2019; Hewitt et al., *RNNs Can Generate Bounded Hierarchical Languages with Optimal Memory*, EMNLP 2020.
  case dyck
  /// A bit that is written, kept while others pass by, and read.
  ///
  /// ```
  /// x(t) ∈ { write 0, write 1, ignore 0, ignore 1, read }     y(t) = the bit last written, if x(t) reads
  /// ```
  ///
  /// A target at each step that reads. The first step writes and the last one reads; in between a step writes or reads
  /// with probability 0.1 each and else ignores its bit. Source: Liu et al., *Exposing Attention Glitches with Flip-Flop
  /// Language Modeling*, NeurIPS 2023, FFL(0.8), whose instruction and bit are one token here.
  case flipflop
  /// Ten symbols, to be given back after a delay.
  ///
  /// ```
  /// x = s(1) … s(k)  blank …  recall  blank … (k times)       y = s(1) … s(k) in the last k steps
  /// ```
  ///
  /// Symbols are one of eight, all as likely. A target at each of the last k steps alone; k is 10, or as many as fit in a
  /// sequence of fewer than 21 steps with the recall token: ⌊(length - 1) / 2⌋. Source: Hochreiter and Schmidhuber, 1997,
  /// in the form of Arjovsky, Shah and Bengio, *Unitary Evolution Recurrent Neural Networks*, ICML 2016, who also count
  /// the blanks.
  case copy
  /// The sum of the two numbers that are marked.
  ///
  /// ```
  /// x(t) = (u(t), m(t))      u(t) uniform in [0, 1)      y = Σ m(t) u(t)
  /// ```
  ///
  /// m is 1 at one step of the first half and one of the second, else 0. One value per sequence, after its last step; it is
  /// correct if it is off by less than 0.04. Solved with a mean squared error below 0.01; predicting 1 gives 1/6. Source:
  /// Hochreiter and Schmidhuber, *Long Short-Term Memory*, 1997, in the form of Arjovsky, Shah and Bengio, 2016.
  case adding
}

extension SequenceTask {
  /// What draws the sequences of a task of tokens; nil for ``adding``, the one of numbers.
  var source: (any TokenSource)? { Self.sources[self] }

  private static let sources: [SequenceTask: any TokenSource] = [
    .parity: Automaton.cyclic(2),
    .mod5: Automaton.cyclic(5),
    .s3: Automaton.group(SymmetricGroup(3), generators: SymmetricGroup(3).elements),
    .s5: Automaton.group(SymmetricGroup(5), generators: [[1, 0, 2, 3, 4], [1, 2, 3, 4, 0]]),
    .dyck: BracketSource(kinds: 2, depth: 8),
    .flipflop: FlipFlopSource(),
    .copy: CopySource(symbols: 8, count: 10),
  ]

  /// What a network for the task reads at each step.
  public var input: ModelConfiguration.Input { source.map { .tokens($0.tokenCount) } ?? .features(2) }
  /// Whether a network for the task predicts at every step or after the last one.
  public var readout: ModelConfiguration.Readout { self == .adding ? .last : .everyStep }

  /// Whether there are targets at the end of a sequence only, so that a long one says nothing about shorter ones.
  public var asksAtEndOnly: Bool { self == .adding || self == .copy }
  /// What a network for the task predicts.
  public var output: ModelConfiguration.Output { source.map { .classes($0.classCount) } ?? .values(1) }
  /// The loss of a network for the task.
  var loss: Loss { self == .adding ? .squared : .crossEntropy() }
  /// The fewest steps of a sequence.
  public var shortestLength: Int { source?.shortestLength ?? 2 }

  /// The accuracy of the best guess that ignores the input, on long sequences.
  ///
  /// Of ``adding`` it is that of the guess 1.
  public var chance: Double {
    // The density of a sum of two uniform numbers is 1 - |y - 1|.
    source?.chance ?? Double(Self.tolerance * (2 - Self.tolerance))
  }

  /// By how much less than this a value of ``adding`` may be off to be correct.
  public static let tolerance: Float = 0.04

  /// A network for the task.
  ///
  /// - Parameter layers: its recurrent layers.
  public func configuration(layers: [LayerConfiguration]) -> ModelConfiguration {
    ModelConfiguration(input: input, layers: layers, readout: readout, output: output)
  }

  /// Refuses a network that is not one for the task; tokens may be embedded.
  package func check(_ network: ModelConfiguration) throws(InputError) {
    var input = network.input
    if case .tokens(let count, _) = input { input = .tokens(count) }
    let expected = configuration(layers: network.layers)
    if input == expected.input && network.readout == readout && network.output == output { return }
    throw InputError(.network, found: "a network of \(network)", expected: "one for the task \(rawValue): \(expected)")
  }
}
