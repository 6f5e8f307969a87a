# Queue, executions, caches, sessions and the pollers' lease: in two zones, with TLS and a password.

resource "aws_elasticache_subnet_group" "redis" {
  name       = "armoryspinnaker-${var.stack}"
  subnet_ids = var.subnet_ids
  tags       = local.tags
}

resource "aws_elasticache_parameter_group" "redis" {
  name        = "armoryspinnaker-${var.stack}-redis7"
  family      = "redis7"
  description = "What Spinnaker needs of Redis"
  tags        = local.tags

  lifecycle {
    create_before_destroy = true
  }

  # Gate's sessions end by these events, and gate may not ask for them itself: ElastiCache has no CONFIG.
  parameter {
    name  = "notify-keyspace-events"
    value = "gxE"
  }

  # What looks like a cache holds pipelines under way.
  parameter {
    name  = "maxmemory-policy"
    value = "noeviction"
  }
}

resource "aws_elasticache_replication_group" "redis" {
  replication_group_id       = "armoryspinnaker-${var.stack}"
  description                = "Spinnaker stack ${var.stack}"
  engine                     = "redis"
  engine_version             = "7.1"
  node_type                  = var.redis_node_type
  port                       = local.redis_port
  parameter_group_name       = aws_elasticache_parameter_group.redis.name
  subnet_group_name          = aws_elasticache_subnet_group.redis.name
  security_group_ids         = [aws_security_group.internal.id]
  num_cache_clusters         = 2
  automatic_failover_enabled = true
  multi_az_enabled           = true
  at_rest_encryption_enabled = true
  kms_key_id                 = var.kms_key_arn
  transit_encryption_enabled = true
  auth_token                 = var.redis_auth_token
  auth_token_update_strategy = "ROTATE"
  snapshot_retention_limit   = 7
  apply_immediately          = true
  tags                       = local.tags
}
