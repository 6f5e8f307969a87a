package io.armory.agent.adapter.redis;

import io.armory.agent.adapter.tls.AnyCertificate;
import io.armory.agent.domain.Failure;
import io.armory.agent.domain.RemoteRedis;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertPathValidatorException.BasicReason;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.PKIXReason;
import java.time.Duration;
import java.util.Optional;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/// Why a connection with or without TLS did not come about, in words. Where two sides speak past
/// each other the errors say nothing: then the other language is tried, without sending anything
/// that is not for everybody's eyes.
final class TlsTrouble {
  private static final String UNTRUSTED =
      " is not from a trusted authority: name its authority's file in REDIS_CA_FILE";

  /// For the other language: a Redis that hangs in both is not to cost twice the time.
  private static final Duration HINT = Duration.ofSeconds(1);

  private TlsTrouble() {}

  /// A handshake that failed.
  static RedisException handshake(RemoteRedis redis, IOException error) {
    var certificate = certificate(redis, error);
    if (certificate.isPresent()) {
      return certificate.get();
    }
    if (speaksPlainly(redis)) {
      return new RedisException(
          Failure.Kind.INVALID,
          redis.address()
              + " does not speak TLS, and REDIS_TLS is true: set REDIS_TLS=false, or the port of"
              + " its TLS in REDIS_PORT");
    }
    return error instanceof SSLException
        ? new RedisException(
            Failure.Kind.INVALID,
            "the TLS handshake with " + redis.address() + " failed: " + error.getMessage())
        : RedisSockets.unreachable(redis, error);
  }

  /// A connection without TLS that gave no answer in Redis' language.
  ///
  /// @param error `null`: the answer was none of Redis'
  static RedisException plain(RemoteRedis redis, @Nullable Throwable error) {
    if (speaksTls(redis)) {
      return new RedisException(
          Failure.Kind.INVALID,
          redis.address() + " wants TLS, and REDIS_TLS is not true: set REDIS_TLS=true");
    }
    return error == null
        ? new RedisException(
            Failure.Kind.INVALID,
            redis.address() + " is no Redis by its answer: see REDIS_HOST and REDIS_PORT")
        : RedisSockets.unreachable(redis, error);
  }

  /// A connection with TLS that broke after the handshake: in TLS 1.3 that is when the other side
  /// says what it misses.
  static Optional<RedisException> alert(RemoteRedis redis, @Nullable Throwable error) {
    for (var e = error; e != null; e = e.getCause()) {
      var message = e.getMessage();
      if (e instanceof SSLException
          && message != null
          && (message.contains("certificate_required") || message.contains("bad_certificate"))) {
        return Optional.of(
            new RedisException(
                Failure.Kind.INVALID,
                redis.address()
                    + " wants a certificate of its clients, which Spinnaker's services do not have:"
                    + " set tls-auth-clients no there"));
      }
    }
    return Optional.empty();
  }

  /// A connection with TLS that was closed on the first words: what was written may have got ahead
  /// of the alert that says why. One that only listens hears it.
  static Optional<RedisException> closed(RemoteRedis redis, Throwable error) {
    var known = alert(redis, error);
    if (known.isPresent() || error instanceof SocketTimeoutException) {
      return known;
    }
    try (var plain = RedisSockets.plain(redis);
        var listening = RedisSockets.secured(redis, plain)) {
      var _ = listening.getInputStream().read();
      return Optional.empty();
    } catch (IOException e) {
      return alert(redis, e);
    } catch (RedisException e) {
      return Optional.empty();
    }
  }

  private static Optional<RedisException> certificate(RemoteRedis redis, Throwable error) {
    var where = "the certificate of " + redis.address();
    for (var e = error; e != null; e = e.getCause()) {
      var found =
          switch (e) {
            case CertificateExpiredException x ->
                where + " has expired (" + x.getMessage() + "): renew it, or see this node's clock";
            case CertificateNotYetValidException x ->
                where + " is not valid yet (" + x.getMessage() + "): see this node's clock";
            case CertPathBuilderException _ -> where + UNTRUSTED;
            // Its authority is called like a trusted one.
            case CertPathValidatorException x
                when x.getReason() == PKIXReason.NO_TRUST_ANCHOR
                    || x.getReason() == BasicReason.INVALID_SIGNATURE ->
                where + UNTRUSTED;
            case CertificateException x when isOfAnotherName(x) ->
                where
                    + " is for another name than "
                    + redis.shownHost()
                    + ": set REDIS_HOST to a name in it";
            default -> null;
          };
      if (found != null) {
        return Optional.of(new RedisException(Failure.Kind.INVALID, found));
      }
    }
    return alert(redis, error);
  }

  private static boolean isOfAnotherName(CertificateException e) {
    var message = e.getMessage();
    return message != null
        && (message.contains("subject alternative") || message.contains("matching"));
  }

  private static boolean speaksPlainly(RemoteRedis redis) {
    try (var socket = RedisSockets.plain(redis)) {
      socket.asked(HINT);
      socket.getOutputStream().write("PING\r\n".getBytes(StandardCharsets.US_ASCII));
      var first = socket.getInputStream().read();
      return first == '+' || first == '-';
    } catch (IOException | RedisException e) {
      return false;
    }
  }

  private static boolean speaksTls(RemoteRedis redis) {
    try (var plain = RedisSockets.plain(redis);
        var socket = greeting(redis, plain)) {
      plain.asked(HINT);
      socket.startHandshake();
      return true;
    } catch (SSLException e) {
      // An alert is TLS, too.
      return e.getMessage() != null && e.getMessage().contains("alert");
    } catch (IOException | RedisException | GeneralSecurityException e) {
      return false;
    }
  }

  /// Only to see whether a handshake is answered: nothing is sent over it, so nobody is trusted.
  private static SSLSocket greeting(RemoteRedis redis, Socket plain)
      throws GeneralSecurityException, IOException {
    return (SSLSocket)
        AnyCertificate.context()
            .getSocketFactory()
            .createSocket(plain, redis.host(), redis.port(), true);
  }
}
