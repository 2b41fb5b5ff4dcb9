import Recurrent
import Testing

@testable import RecurrentData

/// Tasks that make their own data, each checked by other means than those that make it.
@Suite struct SequenceTaskTests {
  /// Tokens and targets of some sequences, step by step.
  private func steps(_ task: SequenceTask, count: Int, length: Int, seed: UInt64 = 1) throws -> [[(Int, Int)]] {
    let drawn = try task.draw(lengths: Array(repeating: length, count: count), seed: seed, from: 0)
    guard case .tokens(let tokens, _) = drawn.inputs, case .classes(let classes) = drawn.targets else { return [] }
    return (0..<count).map { sequence in
      (sequence * length..<(sequence + 1) * length).map { (Int(tokens[$0]), Int(classes[$0])) }
    }
  }

  @Test("a running sum is the sum of what came, and its remainder", arguments: [(SequenceTask.parity, 2), (.mod5, 5)])
  func sums(task: SequenceTask, modulus: Int) throws {
    for sequence in try steps(task, count: 20, length: 50) {
      var sum = 0
      for (token, target) in sequence {
        sum += token
        #expect(target == sum % modulus)
      }
    }
  }

  @Test(
    "a running product moves things as its permutations do one after the other",
    arguments: [
      // The six arrangements of three things as a dictionary has them.
      (SequenceTask.s3, ["abc", "acb", "bac", "bca", "cab", "cba"]),
      // A swap of the first two, and a turn by one.
      (.s5, ["bacde", "bcdea"]),
    ])
  func products(task: SequenceTask, generators: [String]) throws {
    // Arranging letters is another way to say it: element i of a product is where thing i has gone.
    let letters = Array("abcde".prefix(generators[0].count))
    let moves = generators.map { generator in generator.map { letter in letters.firstIndex(of: letter) ?? -1 } }
    let ranked = permutations(letters.count)
    for sequence in try steps(task, count: 20, length: 60) {
      var places = Array(letters.indices)
      for (token, target) in sequence {
        for thing in places.indices { places[thing] = moves[token][places[thing]] }
        #expect(ranked[target] == places)
      }
    }
  }

  /// All arrangements of 0..<n in lexicographic order, by going from each to the next.
  private func permutations(_ n: Int) -> [[Int]] {
    var all = [Array(0..<n)]
    while var next = all.last, let i = next.indices.dropLast().last(where: { next[$0] < next[$0 + 1] }) {
      let j = next.indices.last { next[$0] > next[i] } ?? i
      next.swapAt(i, j)
      next[(i + 1)...].reverse()
      all.append(next)
    }
    return all
  }

  @Test("the two generators of s5 reach all 120 elements")
  func generation() throws {
    let classes = Set(try steps(.s5, count: 100, length: 100).joined().map(\.1))
    #expect(classes == Set(0..<120))
  }

  @Test("brackets are well nested, no deeper than 8, and the target is what closes the innermost")
  func brackets() throws {
    var (depths, targets) = (Set<Int>(), Set<Int>())
    for sequence in try steps(.dyck, count: 50, length: 200) {
      // Words in letters, from which pairs are struck out until none is left.
      var word = ""
      for (token, target) in sequence {
        word.append(Array("([)]")[token])
        for pair in ["()", "[]"] where word.hasSuffix(pair) { word.removeLast(2) }
        #expect(!word.contains(")") && !word.contains("]"))
        depths.insert(word.count)
        targets.insert(target)
        let expected: [Character?: Int] = ["(": 0, "[": 1, nil: 2]
        #expect(target == expected[word.last])
      }
    }
    #expect(depths == Set(0...8))
    #expect(targets == [0, 1, 2])
  }

  @Test("a read gives the bit last written, whatever was ignored since", arguments: [2, 3, 300])
  func flipFlop(length: Int) throws {
    for sequence in try steps(.flipflop, count: 50, length: length) {
      let tokens = sequence.map(\.0)
      #expect(tokens[0] < 2 && tokens[length - 1] == 4)
      for (t, (token, target)) in sequence.enumerated() {
        let written = tokens[...t].last { $0 < 2 }
        #expect(target == (token == 4 ? written : -1))
      }
    }
  }

  @Test("of the steps between, a tenth writes and a tenth reads")
  func flipFlopRates() throws {
    let tokens = try steps(.flipflop, count: 100, length: 1002).flatMap { $0[1...1000].map(\.0) }
    // Five deviations of a count of n = 100,000 with p = 0.05, 0.1 and 0.4: 5 √(n p (1 - p)).
    for (token, expected, deviation) in [
      (0, 5000, 345), (1, 5000, 345), (2, 40000, 775), (3, 40000, 775), (4, 10000, 475),
    ] {
      #expect(abs(tokens.count { $0 == token } - expected) < deviation)
    }
  }

  @Test(
    "copy: symbols, blanks, a request, and the symbols again",
    arguments: [(3, 1), (4, 1), (5, 2), (20, 9), (21, 10), (40, 10), (400, 10)])
  func copies(length: Int, symbols: Int) throws {
    for sequence in try steps(.copy, count: 10, length: length) {
      let tokens = sequence.map(\.0)
      #expect(tokens[..<symbols].allSatisfy { $0 < 8 })
      #expect(tokens[symbols..<length - symbols - 1].allSatisfy { $0 == 8 })
      #expect(tokens[length - symbols - 1] == 9)
      #expect(tokens[(length - symbols)...].allSatisfy { $0 == 8 })
      #expect(sequence[..<(length - symbols)].allSatisfy { $0.1 == -1 })
      #expect(sequence[(length - symbols)...].map(\.1) == Array(tokens[..<symbols]))
    }
  }

  @Test("adding: two marks, one in each half, and the sum of what is marked", arguments: [2, 3, 40])
  func adding(length: Int) throws {
    let drawn = try SequenceTask.adding.draw(lengths: Array(repeating: length, count: 100), seed: 3, from: 0)
    guard case .floats(let rows, 2) = drawn.inputs, case .values(let sums) = drawn.targets else {
      Issue.record("adding has two features and a value per sequence")
      return
    }
    var marked = Set<Int>()
    for sequence in 0..<100 {
      let row = { (t: Int) in (value: rows[2 * (sequence * length + t)], mark: rows[2 * (sequence * length + t) + 1]) }
      let marks = (0..<length).filter { row($0).mark == 1 }
      #expect(marks.count == 2 && marks[0] < length / 2 && marks[1] >= length / 2)
      #expect((0..<length).allSatisfy { row($0).mark == 0 || row($0).mark == 1 })
      #expect((0..<length).allSatisfy { (0..<1).contains(row($0).value) })
      #expect(sums[sequence] == row(marks[0]).value + row(marks[1]).value)
      marked.formUnion(marks)
    }
    #expect(marked == Set(0..<length))
  }

  @Test(
    "tokens are even, and classes in the long run as likely as the chance level says",
    arguments: [SequenceTask.parity, .mod5, .s3, .s5])
  func uniformity(task: SequenceTask) throws {
    let all = try steps(task, count: 400, length: 300).flatMap { $0.suffix(200) }
    guard case .tokens(let tokenCount, nil) = task.input, case .classes(let classCount) = task.output else {
      Issue.record("\(task) reads tokens and predicts classes")
      return
    }
    func check(_ values: [Int], _ count: Int, slack: Double) {
      let expected = Double(values.count) / Double(count)
      for value in 0..<count {
        #expect(abs(Double(values.count { $0 == value }) - expected) < slack * expected.squareRoot())
      }
    }
    check(all.map(\.0), tokenCount, slack: 5)
    // Neighbouring products depend on each other, and scatter more.
    check(all.map(\.1), classCount, slack: 10)
    #expect(task.chance == 1 / Double(classCount))
  }

  @Test("the chance level of brackets is what the most frequent class is worth")
  func bracketChance() throws {
    let targets = try steps(.dyck, count: 400, length: 400).flatMap { $0.suffix(300) }.map(\.1)
    let frequent = Double(targets.count { $0 == 0 }) / Double(targets.count)
    #expect(abs(frequent - SequenceTask.dyck.chance) < 0.01)
    #expect(SequenceTask.dyck.chance == 15.0 / 32)
  }

  @Test("sequence n follows from the seed, n and its length alone", arguments: SequenceTask.allCases)
  func independence(task: SequenceTask) throws {
    let lengths = [9, 40, 17]
    let together = try task.dataset(lengths: lengths, seed: 5)
    for (n, length) in lengths.enumerated() {
      let alone = try task.dataset(lengths: [length], seed: 5, from: n)
      let size = alone.wholeBatch.inputs.values.count
      #expect(Array(together.batch([n]).inputs.values[..<size]) == alone.wholeBatch.inputs.values)
    }
    #expect(together.wholeBatch.lengths == lengths)
    #expect(together.inputs != (try task.dataset(lengths: lengths, seed: 6)).inputs)
    #expect(together.inputs == (try task.dataset(lengths: lengths, seed: 5)).inputs)
  }

  @Test("a network of the task's configuration trains on its sequences", arguments: SequenceTask.allCases)
  func configuration(task: SequenceTask) throws {
    let configuration = task.configuration(layers: .gru(3))
    #expect(throws: Never.self) { try configuration.check() }
    var model = SequenceModel(configuration)
    var optimizer = SGD(learningRate: 0.1)
    let result = try model.train(
      on: task.dataset(lengths: [task.shortestLength, 12], seed: 0).wholeBatch, with: &optimizer)
    #expect(result.loss.isFinite)
  }

  @Test("a length below the shortest is refused in one line", arguments: SequenceTask.allCases)
  func tooShort(task: SequenceTask) throws {
    #expect(try task.dataset(count: 2, length: task.shortestLength, seed: 0).count == 2)
    let error = #expect(throws: InputError.self) {
      try task.dataset(count: 2, length: task.shortestLength - 1, seed: 0)
    }
    #expect(error?.description.contains("\(task.shortestLength) step") == true)
    #expect(error?.description.contains(task.rawValue) == true)
  }
}
