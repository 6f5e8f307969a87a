package io.armory.agent.cli;

/// Exit codes. They are public interface.
public final class Exit {
  /// Done; for `status`: ready.
  public static final int DONE = 0;

  /// Failed; for `status`: running, not ready.
  public static final int FAILED = 1;

  /// Wrong usage or invalid input.
  public static final int USAGE = 2;

  public static final int NOT_RUNNING = 3;
  public static final int NOT_ALLOWED = 4;

  /// A bug of the agent (sysexits(3), EX_SOFTWARE): systemd starts it again.
  public static final int BUG = 70;

  /// `run` with an `agent.yaml` that cannot work (EX_CONFIG): systemd does not try again. For
  /// nothing else: whatever may pass by itself ends with [#FAILED].
  public static final int MISCONFIGURED = 78;

  private Exit() {}
}
