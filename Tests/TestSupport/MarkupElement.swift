import Foundation

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// An element of an XML document as a strict reader finds it.
public final class MarkupElement {
  /// What stands in its tag.
  public let name: String
  /// Its attributes, as they are meant.
  public let attributes: [String: String]
  /// The elements in it.
  public fileprivate(set) var children: [MarkupElement] = []
  /// The text in it, without that of its children.
  public fileprivate(set) var text = ""

  fileprivate init(name: String, attributes: [String: String]) { (self.name, self.attributes) = (name, attributes) }

  /// What is wrong with a document.
  public struct Fault: Error, CustomStringConvertible {
    /// Where, and what the reader says.
    public let description: String
  }

  /// Reads a document to its end.
  public static func parse(_ document: String) throws -> MarkupElement {
    let parser = XMLParser(data: Data(document.utf8))
    let reader = Reader()
    parser.delegate = reader
    guard parser.parse(), let root = reader.root else {
      throw Fault(description: "line \(parser.lineNumber): \(parser.parserError.map { "\($0)" } ?? "no element")")
    }
    return root
  }

  /// The element and everything in it, in the order of the document.
  public var all: [MarkupElement] { [self] + children.flatMap(\.all) }

  /// All elements in it that have an attribute.
  public func all(with attribute: String) -> [MarkupElement] { all.filter { $0.attributes[attribute] != nil } }

  /// All elements in it of a name.
  public func all(named name: String) -> [MarkupElement] { all.filter { $0.name == name } }

  /// The texts in it that can be seen: not those of tips.
  public var visibleTexts: [String] { all(named: "text").map(\.text) }

  /// The numbers of an attribute, set apart by blanks; nil where it is missing or holds something else.
  public func numbers(_ attribute: String) -> [Double]? {
    guard let words = attributes[attribute]?.split(separator: " ") else { return nil }
    let numbers = words.compactMap { Double($0) }
    return numbers.count == words.count ? numbers : nil
  }

  /// The numbers of an attribute, rows set apart by semicolons; nil where it is missing or holds something else.
  public func rows(_ attribute: String) -> [[Float]]? {
    guard let lines = attributes[attribute]?.split(separator: ";", omittingEmptySubsequences: false) else { return nil }
    let rows = lines.map { line in line.split(separator: " ").map { Float($0) } }
    return rows.joined().contains(nil) ? nil : rows.map { $0.compactMap(\.self) }
  }
}

private final class Reader: NSObject, XMLParserDelegate {
  var root: MarkupElement?
  private var open: [MarkupElement] = []

  func parser(
    _ parser: XMLParser, didStartElement elementName: String, namespaceURI: String?, qualifiedName qName: String?,
    attributes attributeDict: [String: String] = [:]
  ) {
    let element = MarkupElement(name: elementName, attributes: attributeDict)
    open.last?.children.append(element)
    if root == nil { root = element }
    open.append(element)
  }

  func parser(
    _ parser: XMLParser, didEndElement elementName: String, namespaceURI: String?, qualifiedName qName: String?
  ) { open.removeLast() }

  func parser(_ parser: XMLParser, foundCharacters string: String) { open.last?.text += string }
}
