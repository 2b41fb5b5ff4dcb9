import ArgumentParser
import Recurrent
import RecurrentData

/// Where images come from.
struct DataOptions: ParsableArguments {
  @Option(
    help: """
      A folder with the four MNIST files or others of their form, plain or gzip. (default: $MNIST_DIR, the cache \
      folder, a download)
      """)
  var dataDir: String?

  /// MNIST, from wherever it can be had.
  func mnist() async throws(CommandFailure) -> DigitData {
    do throws(MNISTError) {
      let data = try await MNIST.load(directory: dataDir) { progress in DownloadProgressLine.show(progress) }
      Terminal.endProgress()
      return data
    } catch {
      Terminal.endProgress()
      throw CommandFailure(error)
    }
  }

  /// MNIST if it can be had, else the digits that the program draws itself, with a notice; and which of the two.
  func best(seed: UInt64) async throws(CommandFailure) -> (data: DigitData, task: String) {
    if dataDir != nil { return (try await mnist(), "mnist") }
    do throws(MNISTError) {
      let data = try await MNIST.load { progress in DownloadProgressLine.show(progress) }
      Terminal.endProgress()
      return (data, "mnist")
    } catch {
      Terminal.endProgress()
      switch error {
      case .file, .cannotWrite: throw CommandFailure(error)
      case .notFound, .download:
        Terminal.note("MNIST is not at hand and could not be downloaded: going on with built-in digits.")
        Terminal.note("These are drawn by this program and are not MNIST; figures do not compare.")
        Terminal.note("To use MNIST, put its four files into a folder and name it with --data-dir.")
        return (BuiltInDigits.draw(seed: seed), "digits")
      }
    }
  }
}

/// The progress line of a download.
enum DownloadProgressLine {
  static func show(_ progress: MNIST.DownloadProgress) {
    let received = (Double(progress.receivedBytes) / 1e6).fixed(1)
    let expected = progress.expectedBytes.map { " of \((Double($0) / 1e6).fixed(1))" } ?? ""
    Terminal.progress(
      "downloading \(progress.file) (\(progress.fileIndex + 1) of \(progress.fileCount)): \(received)\(expected) MB")
  }
}
