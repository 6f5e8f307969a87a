package io.armory.agent.adapter.systemd;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/// What systemd does with the whole system.
public final class SystemState {
  private static final long PATIENCE_SECONDS = 5;

  private SystemState() {}

  /// The system shuts down or reboots: a service that is stopped is stopped for that. Where systemd
  /// cannot be asked, it does not.
  public static boolean isStopping() {
    try {
      var process =
          new ProcessBuilder("systemctl", "is-system-running")
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      process.getOutputStream().close();
      if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        return false;
      }
      var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return said.strip().equals("stopping");
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
