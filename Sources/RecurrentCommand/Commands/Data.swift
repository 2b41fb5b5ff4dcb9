import ArgumentParser
import RecurrentData
import RecurrentSupport

/// `recurrent data`: the data sets on this machine.
struct Data: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Download and check datasets.", subcommands: [DataMNIST.self])
}

/// `recurrent data mnist`: MNIST's four files, downloaded and checked.
struct DataMNIST: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "mnist",
    abstract: "Download MNIST if necessary, check its files and show where they are.",
    usage: "recurrent data mnist [--data-dir <folder>]",
    discussion: """
      \(DataOptions.searchOrder)

      Files of the cache folder that fail their checksum are replaced. Other folders are only checked.
      """)

  @OptionGroup var source: DataOptions

  func run() async throws {
    let directory = try await locate()
    let isCache = directory == MNIST.cacheDirectory
    let files: [MNIST.Verification]
    do throws(IDXError) { files = try MNIST.verify(directory) } catch {
      throw CommandFailure(isCache ? error.advisingDownload() : error)
    }
    for file in files {
      let verdict = file.isOriginal ? "original" : "differs"
      Terminal.print(
        "\(verdict.padded(to: 8))  \(file.byteCount.grouped.leftPadded(to: 10)) bytes  \(file.path.shown())")
    }
    if let other = files.first(where: { !$0.isOriginal }) {
      let advice = isCache ? ": replace it with 'recurrent data mnist', without \(MNIST.offlineVariable)" : ""
      throw CommandFailure(
        "\(other.path.shown()): found SHA-256 \(other.checksum), expected \(other.file.checksum); "
          + "it is not MNIST's own file" + advice, .badData)
    }
  }

  private func locate() async throws(CommandFailure) -> String {
    if let directory = source.dataDir { return directory }
    DataOptions.noteIgnoredCache()
    let result = try await DataOptions.withProgress { () async throws(MNISTError) in
      try await MNIST.fetch { DownloadProgressLine.show($0) }
    }
    switch result {
    case .success(let directory): return directory
    case .failure(let error): throw CommandFailure(error)
    }
  }
}
