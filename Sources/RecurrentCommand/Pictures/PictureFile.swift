import RecurrentCharts

/// A picture in a file that the user names.
enum PictureFile {
  /// Writes a picture, completely or not at all; also into a pipe or a device.
  ///
  /// - Parameters:
  ///   - picture: the picture.
  ///   - path: the file.
  ///   - option: the option that names it.
  /// - Throws: a failure if the file exists and is not a picture of this program, so that it is not lost.
  static func write(_ picture: some Picture, to path: String, option: String = "--svg") throws(CommandFailure) {
    try NamedFile(path: path, option: option, content: "a picture").write(Array(picture.svg.utf8)) { start in
      let text = String(decoding: start, as: UTF8.self)
      return text.hasPrefix("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=") && text.contains("class=\"paper\"")
    }
  }
}
