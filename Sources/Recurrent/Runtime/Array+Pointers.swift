extension Array {
  /// Calls `body` with the place of the first element, or, if there is none, with some place that nobody reads.
  func withPointer(_ body: (UnsafePointer<Element>) -> Void) {
    withUnsafeBufferPointer { elements in
      if let first = elements.baseAddress { return body(first) }
      withUnsafeTemporaryAllocation(of: Element.self, capacity: 1) { place in
        if let place = place.baseAddress { body(UnsafePointer(place)) }
      }
    }
  }

  /// The same for writing.
  mutating func withMutablePointer(_ body: (UnsafeMutablePointer<Element>) -> Void) {
    withUnsafeMutableBufferPointer { elements in
      if let first = elements.baseAddress { return body(first) }
      withUnsafeTemporaryAllocation(of: Element.self, capacity: 1) { place in
        if let place = place.baseAddress { body(place) }
      }
    }
  }
}

/// Calls `body` with the place of the first element; nil if there is no array.
func withOptionalPointer(_ values: [Float]?, _ body: (UnsafePointer<Float>?) -> Void) {
  if let values { values.withPointer { body($0) } } else { body(nil) }
}
