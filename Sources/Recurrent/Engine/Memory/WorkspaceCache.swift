import Synchronization

/// Workspaces that are not in use, for the next pass that needs one.
///
/// Copies of a network share a cache; several threads may use a network at once, each with a workspace of its own.
final class WorkspaceCache: Sendable {
  private struct Idle: ~Copyable, @unchecked Sendable {  // what lies here is referred to from nowhere else
    var workspaces: [Workspace] = []
  }

  private let network: NetworkPlan
  private let idle = Mutex(Idle())

  init(network: NetworkPlan) { self.network = network }

  /// A workspace for the caller alone.
  func take() -> Workspace {
    let box = idle.withLock { Box($0.workspaces.popLast()) }
    return box.workspace ?? Workspace(network: network)
  }

  /// Takes a workspace back that nobody uses any longer.
  func giveBack(_ workspace: Workspace) {
    let box = Box(workspace)
    idle.withLock { idle in
      if let workspace = box.workspace { idle.workspaces.append(workspace) }
    }
  }

  // Carries a workspace through the lock; only one side ever holds it.
  private struct Box: @unchecked Sendable {
    let workspace: Workspace?
    init(_ workspace: Workspace?) { self.workspace = workspace }
  }
}
