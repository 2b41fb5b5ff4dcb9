import Foundation

/// Rights that tests may want to be without: for the superuser, no file is unreadable.
enum Privileges {
  private static let isSuperuser = geteuid() == 0

  /// Whether the tool can be run by a user who has not all rights.
  static let canBeDropped = !isSuperuser || FileManager.default.isExecutableFile(atPath: "/usr/bin/setpriv")

  /// A shell script that runs the tool so.
  static let drop =
    isSuperuser ? "exec setpriv --reuid=65534 --regid=65534 --clear-groups \"$0\" \"$@\"" : "exec \"$0\" \"$@\""
}
