/// The nesting depth of a JSON text: the largest number of brackets open at once, outside of strings.
///
/// For untrusted texts, before parsing: Foundation's parser crashes at a depth of 512.
///
/// - Parameter json: the text in UTF-8, which need not be valid JSON.
/// - Returns: the greatest depth.
/// - Complexity: O(length).
package func nestingDepth(of json: some Sequence<UInt8>) -> Int {
  var (depth, greatest, isQuoted, isEscaped) = (0, 0, false, false)
  for byte in json {
    switch byte {
    case _ where isEscaped: isEscaped = false
    case UInt8(ascii: "\\") where isQuoted: isEscaped = true
    case UInt8(ascii: "\""): isQuoted.toggle()
    case UInt8(ascii: "["), UInt8(ascii: "{"): if !isQuoted { depth += 1 }
    case UInt8(ascii: "]"), UInt8(ascii: "}"): if !isQuoted { depth -= 1 }
    default: break
    }
    greatest = max(greatest, depth)
  }
  return greatest
}
