import Synchronization

/// Idle workspaces for the next passes.
///
/// Copies of a network share a cache; several threads may use a network concurrently, each with its own workspace.
final class WorkspaceCache: Sendable {
  private struct Idle: ~Copyable, @unchecked Sendable {  // nothing else refers to idle workspaces
    var workspaces: [Workspace] = []
  }

  private let network: NetworkPlan
  private let idle = Mutex(Idle())

  init(network: NetworkPlan) { self.network = network }

  /// A workspace for the caller's exclusive use.
  func take() -> Workspace {
    let box = idle.withLock { Box($0.workspaces.popLast()) }
    return box.workspace ?? Workspace(network: network)
  }

  /// Returns a workspace that is no longer in use.
  func giveBack(_ workspace: Workspace) {
    let box = Box(workspace)
    idle.withLock { idle in
      if let workspace = box.workspace { idle.workspaces.append(workspace) }
    }
  }

  // Carries a workspace through the lock; only one side holds it at a time.
  private struct Box: @unchecked Sendable {
    let workspace: Workspace?
    init(_ workspace: Workspace?) { self.workspace = workspace }
  }
}
