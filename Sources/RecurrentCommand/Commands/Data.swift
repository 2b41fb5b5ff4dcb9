import ArgumentParser
import RecurrentData

/// `recurrent data`
struct Data: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Fetch and check datasets.", subcommands: [DataMNIST.self])
}

/// `recurrent data mnist`
struct DataMNIST: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "mnist",
    abstract: "Fetch MNIST if it is not at hand, check it and show where it lies.")

  @OptionGroup var source: DataOptions

  func run() async throws {
    let directory = try await locate()
    let files: [MNIST.Verification]
    do throws(IDXError) { files = try MNIST.verify(directory) } catch { throw CommandFailure(error) }
    for file in files {
      Terminal.print(
        "\(file.isOriginal ? "original" : "differs "))  \(file.byteCount.grouped.leftPadded(to: 10)) bytes  \(file.path)")
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
    defer { Terminal.endProgress() }
    do throws(MNISTError) {
      try await MNIST.download { DownloadProgressLine.show($0) }
    } catch {
      throw CommandFailure(error)
    }
    return MNIST.cacheDirectory
  }
}
