package io.armory.agent.adapter.webhook;

import io.armory.agent.disk.RegularFile;
import io.armory.agent.domain.Failure.Kind;
import io.armory.agent.domain.Outcome;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Supplier;

/// Where a webhook is: in a file, or in a parameter. It is a secret, since whoever knows it may
/// write there; no message repeats any of it. Read anew for each message, so that it can be changed
/// while the agent runs.
///
/// @param file first, where there is one
/// @param parameter else
public record WebhookAddress(Optional<Path> file, Supplier<Optional<String>> parameter) {
  private static final int LONGEST = 4096;

  public boolean isSaid() {
    return file.isPresent() || parameter.get().filter(p -> !p.isBlank()).isPresent();
  }

  public Outcome<URI> read() {
    return text().flatMap(this::parsed);
  }

  /// Where it is said, in words.
  public String origin() {
    return file.map(Path::toString).orElse("parameter NOTIFY_WEBHOOK_URL");
  }

  private Outcome<String> text() {
    if (file.isEmpty()) {
      return Outcome.done(parameter.get().orElse(""));
    }
    try {
      return Outcome.done(
          new String(RegularFile.read(file.get(), LONGEST), StandardCharsets.UTF_8));
    } catch (RegularFile.Refused e) {
      return denied(e.what());
    } catch (NoSuchFileException e) {
      return denied("is not there");
    } catch (AccessDeniedException e) {
      return denied("may not be read by the agent (user armory-agent)");
    } catch (IOException e) {
      return denied("cannot be read");
    }
  }

  private Outcome<URI> parsed(String text) {
    try {
      var uri = new URI(text.strip());
      var isWeb =
          "https".equalsIgnoreCase(uri.getScheme()) || "http".equalsIgnoreCase(uri.getScheme());
      return isWeb && uri.getHost() != null && uri.getUserInfo() == null
          ? Outcome.done(uri)
          : denied("holds no address such as https://HOST/PATH");
    } catch (URISyntaxException e) {
      return denied("holds no address such as https://HOST/PATH");
    }
  }

  /// To be tried again: somebody may put it right.
  private <T> Outcome<T> denied(String what) {
    return Outcome.failed(Kind.DENIED, origin() + " " + what);
  }
}
