import RecurrentSupport

extension MNIST {
  /// A collection of digits in the form of MNIST, by the names of its files.
  ///
  /// Fashion-MNIST and KMNIST use MNIST's.
  enum Collection: CaseIterable {
    /// MNIST itself.
    case mnist
    /// Its reconstruction from the same sources, with 50,000 more test images.
    ///
    /// Source: Yadav and Bottou, *Cold Case: The Lost MNIST Digits*, 2019.
    case qmnist
    /// Those splits of EMNIST whose classes are the ten digits.
    ///
    /// Source: Cohen, Afshar, Tapson and van Schaik, *EMNIST: an extension of MNIST to handwritten letters*, 2017.
    case emnistDigits, emnistMNIST
  }

  /// The folder of a pair of images and labels, and the collection that names them.
  struct Place: Equatable {
    var folder: String
    var collection: Collection
  }

  /// The places in a folder, in the order in which they are tried.
  ///
  /// torchvision keeps the files in `MNIST/raw` of the folder that it is given.
  static func places(in directory: String) -> [Place] {
    ["", "/MNIST/raw", "/raw"].flatMap { subfolder in
      Collection.allCases.map { Place(folder: directory + subfolder, collection: $0) }
    }
  }
}

extension MNIST.File {
  /// The file's usual name in a collection, without endings; some have a second one.
  private func stems(in collection: MNIST.Collection) -> [String] {
    let isTraining = self == .trainingImages || self == .trainingLabels
    let part = isTraining ? "train" : "test"
    switch collection {
    case .mnist: return [rawValue]
    case .qmnist where isImages: return ["qmnist-\(part)-images-idx3-ubyte"]
    // The extended labels are matrices of 32-bit integers; the test part has plain ones too.
    case .qmnist: return ["qmnist-\(part)-labels-idx1-ubyte", "qmnist-\(part)-labels-idx2-int"]
    case .emnistDigits: return ["emnist-digits-\(part)-\(isImages ? "images-idx3" : "labels-idx1")-ubyte"]
    case .emnistMNIST: return ["emnist-mnist-\(part)-\(isImages ? "images-idx3" : "labels-idx1")-ubyte"]
    }
  }

  /// The names of the file in a collection: with a hyphen or, in some copies, a dot before `idx`; plain or gzip.
  func names(in collection: MNIST.Collection = .mnist) -> [String] {
    stems(in: collection).flatMap { stem in
      let dotted = stem.split(separator: "-idx").joined(separator: ".idx")
      return [stem, stem + ".gz", dotted, dotted + ".gz"]
    }
  }

  /// Whether the file holds images, rather than labels.
  private var isImages: Bool { self == .trainingImages || self == .testImages }

  /// The labels of images, and the images of labels.
  var partner: MNIST.File {
    switch self {
    case .trainingImages: .trainingLabels
    case .trainingLabels: .trainingImages
    case .testImages: .testLabels
    case .testLabels: .testImages
    }
  }

  /// All possible paths of the file in a place.
  func paths(in place: MNIST.Place) -> [String] { names(in: place.collection).map { place.folder + "/" + $0 } }

  /// The first usable candidate in a folder, preferably one beside its partner; nil if there is none.
  func usable(in directory: String) -> (place: MNIST.Place, path: String)? {
    var alone: (MNIST.Place, String)?
    for place in MNIST.places(in: directory) {
      guard let path = usablePath(in: place) else { continue }
      if partner.usablePath(in: place) != nil { return (place, path) }
      alone = alone ?? (place, path)
    }
    return alone
  }

  /// The first usable path in a place: of a readable file with the correct first bytes.
  private func usablePath(in place: MNIST.Place) -> String? {
    let beginnings: [[UInt8]] = isImages ? [[0, 0, 8, 3]] : [[0, 0, 8, 1], MNIST.extendedLabelsMagic]
    return paths(in: place).first { path in
      (try? IDXFile.magic(at: path)).map(beginnings.contains) ?? false
    }
  }

  /// The error if a folder has no candidate.
  func missing(in directory: String) -> IDXError {
    let status = FileSystem.kind(of: directory)
    let found =
      switch status {
      case .missing: "no such file, since there is no such folder"
      case .folder: "no such file"
      case .other: "no such file, since \(directory.shown()) is not a folder"
      }
    let stems = MNIST.Collection.allCases.flatMap(stems)
    return IDXError(
      .missing, path: directory + "/" + rawValue, found: found,
      expected:
        "one of the four files of MNIST: \(stems.joined(separator: ", ")), each plain or as .gz and with '-' or "
        + "'.' before idx, in the folder, in MNIST/raw or in raw",
      advice: "name the folder that holds them, or fetch them with 'recurrent data mnist'")
  }
}
