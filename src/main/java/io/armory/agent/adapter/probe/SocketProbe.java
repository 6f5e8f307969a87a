package io.armory.agent.adapter.probe;

import io.armory.agent.domain.ProbeResult;
import io.armory.agent.domain.ProbeResult.Standing;
import io.armory.agent.domain.stack.ProbeSpec;
import io.armory.agent.port.Probe;
import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.time.Duration;

/// Asks over a plain socket, a new one each time, so that what is tested is what a new client would
/// meet. Whatever is asked for ever is put together without a format, which is parsed anew each
/// time.
public final class SocketProbe implements Probe {

  /// What was heard, in words.
  record Heard(Standing standing, String detail) {
    /// It accepted the connection and ended it.
    static final Heard NOTHING =
        new Heard(Standing.SILENT, "closed the connection without an answer");
  }

  @Override
  public ProbeResult ask(String address, ProbeSpec spec) {
    var began = System.nanoTime();
    var heard = heard(address, spec);
    return new ProbeResult(
        heard.standing(), heard.detail(), Duration.ofNanos(System.nanoTime() - began));
  }

  private static Heard heard(String address, ProbeSpec spec) {
    try (var exchange = Exchange.with(address, spec.check().port(), spec.timeout())) {
      return heard(exchange, address, spec);
    } catch (SocketTimeoutException e) {
      return new Heard(Standing.CLOSED, "no answer in " + words(spec.timeout()));
    } catch (ConnectException | NoRouteToHostException e) {
      return new Heard(Standing.CLOSED, "connection refused on port " + spec.check().port());
    } catch (IOException e) {
      return new Heard(Standing.CLOSED, "no connection: " + e.getMessage());
    }
  }

  /// By one that was let in.
  private static Heard heard(Exchange exchange, String address, ProbeSpec spec) {
    try {
      return switch (spec.check()) {
        case ProbeSpec.Tcp _ -> new Heard(Standing.WELL, "accepts connections");
        case ProbeSpec.Http http -> HttpAnswer.of(exchange, address, http);
        case ProbeSpec.Redis _ -> RedisWords.of(exchange);
        case ProbeSpec.Postgres _ -> PostgresWords.of(exchange);
      };
    } catch (SocketTimeoutException e) {
      return new Heard(Standing.SILENT, "no answer in " + words(spec.timeout()));
    } catch (IOException e) {
      return new Heard(Standing.SILENT, "connection broke: " + e.getMessage());
    }
  }

  private static String words(Duration timeout) {
    return timeout.toMillis() % 1000 == 0 ? timeout.toSeconds() + " s" : timeout.toMillis() + " ms";
  }
}
