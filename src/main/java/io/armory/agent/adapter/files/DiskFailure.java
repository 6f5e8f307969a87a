package io.armory.agent.adapter.files;

import io.armory.agent.domain.Failure;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;

/// Failures of the disk, in words. All may pass: a disk is emptied, a permission is given.
final class DiskFailure {
  private DiskFailure() {}

  static Failure of(String what, IOException e) {
    return new Failure(Failure.Kind.TRANSIENT, what + ": " + reason(e));
  }

  static String reason(IOException e) {
    return switch (e) {
      case AccessDeniedException denied -> denied.getFile() + ": permission denied";
      case FileSystemException fs when fs.getReason() != null ->
          fs.getFile() + ": " + fs.getReason();
      case FileSystemException fs -> fs.getFile() + ": " + fs.getClass().getSimpleName();
      default -> String.valueOf(e.getMessage());
    };
  }
}
