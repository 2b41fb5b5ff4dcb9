/// The lines, from 1, in which ascending offsets of a text lie; LF, CR and CR LF end a line.
///
/// - Complexity: O(last offset + offsets).
func lineNumbers(of offsets: [Int], in text: some Sequence<some FixedWidthInteger>) -> [Int] {
  var (lines, line, offset, wasReturn) = ([Int](), 1, 0, false)
  var iterator = text.makeIterator()
  for wanted in offsets {
    while offset < wanted, let unit = iterator.next() {
      if unit == 0x0D || unit == 0x0A && !wasReturn { line += 1 }
      wasReturn = unit == 0x0D
      offset += 1
    }
    lines.append(line)
  }
  return lines
}
