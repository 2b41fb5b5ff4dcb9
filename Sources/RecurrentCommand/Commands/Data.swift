import ArgumentParser
import RecurrentData

/// `recurrent data`: where data lies.
struct Data: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Fetch and check datasets.", subcommands: [DataMNIST.self])
}

/// `recurrent data mnist`: MNIST's four files, fetched and checked.
struct DataMNIST: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "mnist",
    abstract: "Fetch MNIST if it is not at hand, check it and show where it lies.",
    usage: "recurrent data mnist [--data-dir <folder>]",
    discussion: DataOptions.searchOrder)

  @OptionGroup var source: DataOptions

  func run() async throws {
    let directory = try await locate()
    let files: [MNIST.Verification]
    do throws(IDXError) { files = try MNIST.verify(directory) } catch { throw CommandFailure(error) }
    for file in files {
      let verdict = file.isOriginal ? "original" : "differs"
      Terminal.print(
        "\(verdict.padded(to: 8))  \(file.byteCount.grouped.leftPadded(to: 10)) bytes  \(file.path)")
    }
    if let other = files.first(where: { !$0.isOriginal }) {
      throw CommandFailure(
        "\(other.path): found SHA-256 \(other.checksum), expected \(other.file.checksum); it is not MNIST's own file",
        .badData)
    }
  }

  private func locate() async throws(CommandFailure) -> String {
    if let directory = source.dataDir { return directory }
    do throws(IDXError) {
      if let found = try MNIST.locate() { return found }
    } catch {
      throw CommandFailure(error)
    }
    guard DataOptions.mayDownload else {
      throw CommandFailure(MNISTError.notFound(searched: MNIST.searchedDirectories))
    }
    let result = try await DataOptions.withProgress { () async throws(MNISTError) in
      try await MNIST.download { DownloadProgressLine.show($0) }
    }
    if case .failure(let error) = result { throw CommandFailure(error) }
    return MNIST.cacheDirectory
  }
}
