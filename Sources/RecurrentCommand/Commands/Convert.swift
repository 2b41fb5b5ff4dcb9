import ArgumentParser
import Recurrent
import RecurrentSupport

/// `recurrent convert`: a model with smaller weights.
struct Convert: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write a model with smaller weights, for inference.",
    usage: "recurrent convert <model> --weights <precision> [<options>]",
    discussion: """
      The weights of recurrent layers become whole numbers of 8 bits with a scale for each row (int8), or floats of 16 bits \
      (bf16). Files are smaller, and wide layers run faster; 'evaluate' shows what the rounding costs. Biases, embeddings \
      and the head stay as they are. Of int8 or bf16 weights, float makes a model that can be trained again.

      Layers are LSTM, GRU, MGU or Elman cells without options that read forward only.
      """)

  @Argument(help: ModelFile.argumentHelp, completion: .file(), transform: OptionValue.path)
  var model: String

  @Option(help: ArgumentHelp("How weights are stored.", valueName: "precision"))
  var weights: WeightPrecision

  @Option(
    help: ArgumentHelp(
      "File to write; by default one next to the model's, with the precision in its name, as in model-int8.safetensors.",
      valueName: "file"), completion: .file(), transform: OptionValue.path)
  var output: String?

  @OptionGroup var options: ModelOptions

  func run() throws {
    let source = ModelFile.path(model)
    let (read, metadata) = try ModelFile.readWhole(model, activation: options.activation)
    let network: SequenceModel
    do throws(InputError) { network = try read.reduced(to: weights) } catch {
      throw CommandFailure("\(model.shown(limit: 1000)): \(error)", .badData)
    }
    var file = network.safeTensors
    // A vocabulary, for instance, which this program keeps with the model.
    file.metadata.merge(metadata) { written, _ in written }
    if weights == .float { file.metadata[SequenceModel.weightsKey] = nil }
    let path = output ?? defaultOutput(source)
    let bytes = Array(file.bytes.joined())
    try NamedFile(path: path, option: "--output", content: "a model").writeNew(bytes)
    let before = ModelFile.size(of: source).map { "; \($0.grouped) before" } ?? ""
    Terminal.print("\(path.shown()): \(weights) weights, \(bytes.count.grouped) bytes\(before)")
  }

  /// The file next to the model's.
  private func defaultOutput(_ source: String) -> String {
    let ending = ".safetensors"
    let base = source.hasSuffix(ending) ? String(source.dropLast(ending.count)) : source
    return "\(base)-\(weights)\(ending)"
  }
}

extension WeightPrecision: ExpressibleByArgument {}
