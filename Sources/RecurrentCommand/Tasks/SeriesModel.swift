import Recurrent
import RecurrentData
import RecurrentSupport

/// A model of time series: a network, and what turns series into its inputs, from one file.
struct SeriesModel {
  /// What a model file holds besides the network.
  struct Description: Codable {
    var preparation: SeriesPreparation
    /// The roles of the columns in the training data.
    var columns: SeriesColumns
    var format: SeriesFile.Format?
  }

  /// The key of the description in the file's metadata.
  private static let key = "recurrent.series"

  let network: SequenceModel
  let description: Description
  private let name: String

  var preparation: SeriesPreparation { description.preparation }

  /// The metadata of a file that holds a description.
  static func metadata(_ description: Description) -> [String: String] {
    // Means and deviations of finite numbers are finite.
    return [key: require { try JSONText.line(description) }]
  }

  /// Reads a model; throws if it is not one of time series.
  init(_ path: String, threads: ThreadPool = .shared) throws(CommandFailure) {
    name = path.shown(limit: 1000)
    let metadata: [String: String]
    (network, metadata) = try ModelFile.readWhole(path, threads: threads)
    guard let text = metadata[Self.key] else {
      throw CommandFailure(
        "\(name): found a model of another kind (\(network.configuration)), expected one of time series, as 'train series' "
          + "makes it", .badData)
    }
    do { description = try UntrustedFile.decode(Description.self, from: Array(text.utf8)) } catch {
      throw CommandFailure(
        "\(name): found a description of series (\(Self.key)) that cannot be read (\(error)), expected one as 'train "
          + "series' writes it", .badData)
    }
    let expected = preparation.configuration(layers: network.configuration.layers)
    let found = network.configuration
    guard (found.input, found.output, found.readout) == (expected.input, expected.output, expected.readout) else {
      throw CommandFailure(
        "\(name): found a network (\(found)) that does not fit its description of series, expected \(expected)",
        .badData)
    }
  }

  /// Reads series for this model.
  ///
  /// Columns have the roles of the training data, unless options give them others. Columns of targets may be missing if
  /// nothing is compared with them.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - options: the roles that are given.
  ///   - needsTargets: whether the series have to have targets.
  func read(
    _ path: String, _ options: SeriesColumnOptions, needsTargets: Bool
  ) throws(CommandFailure) -> SeriesData {
    var columns = description.columns
    columns.id = options.id ?? columns.id
    columns.time = options.time ?? columns.time
    let format = options.fileFormat ?? description.format
    do throws(SeriesError) {
      return try SeriesFile.read(path, as: format, columns: columns)
    } catch {
      guard !needsTargets, error.kind == .columns, columns.target != nil, columns.target != SeriesColumns.Target.none
      else {
        throw CommandFailure(error)
      }
      columns.target = SeriesColumns.Target.none
      do throws(SeriesError) { return try SeriesFile.read(path, as: format, columns: columns) } catch {
        throw CommandFailure(error)
      }
    }
  }
}

extension CommandFailure {
  init(_ error: SeriesError) {
    self.init(error.description, error.isMissingInput ? .missingInput : .badData)
  }
}
