/// How deep a JSON text is nested: how many brackets are open at a time at most; what stands in quotes is no bracket.
///
/// For texts from elsewhere, before a parser sees them: Foundation's ends the process at 512.
///
/// - Parameter json: the text in UTF-8; whether it is JSON at all does not matter.
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
