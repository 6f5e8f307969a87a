# Several nodes, all alike, whose state is in ElastiCache and in S3: a load balancer for people, one by
# which the services find each other, and a group of one for polling where the nodes do not elect it.

locals {
  tags = merge(var.tags, { "armory:stack" = var.stack })
  name = coalesce(var.public_name, module.front_door.dns_name)

  # A group that believes its load balancers ends what they call unhealthy. A node that makes a release,
  # drains, is maintained or waits for Redis is not ready, and is not to end for that.
  check_path = coalesce(var.health_check_path, var.health_check_type == "ELB" ? "/health/live" : "/health/ready")

  # Every group with its role. Exactly one node may poll.
  groups = var.polling == "elect" ? {
    ha = { detail = "", role = "ha", size = var.nodes }
    } : {
    polling    = { detail = "polling", role = "ha-polling", size = { min = 1, desired = 1, max = 1 } }
    nonpolling = { detail = "nonpolling", role = "ha-nonpolling", size = var.nodes }
  }

  # The election is asked for in agent.yaml, before the agent starts.
  user_data = var.polling == "elect" ? join("\n", [
    "#cloud-config",
    "bootcmd:",
    "  - [sed, -i, 's/^polling:.*/polling: elect/', /etc/armory-agent/agent.yaml]",
    "",
  ]) : ""
}

module "front_door" {
  source = "../front-door"

  stack           = var.stack
  vpc_id          = var.vpc_id
  subnet_ids      = var.load_balancer_subnet_ids
  allowed_cidrs   = var.allowed_cidrs
  internet_facing = var.internet_facing
  certificate_arn = var.certificate_arn
  node_group_id   = aws_security_group.internal.id
  check_path      = local.check_path
  tags            = local.tags
}

module "parameters" {
  source = "../parameters"

  stack             = var.stack
  prefix            = var.parameter_prefix
  spinnaker_release = var.spinnaker_release
  secrets           = merge(var.secret_parameters, { REDIS_PASSWORD = var.redis_auth_token })
  secrets_version   = var.secrets_version
  tags              = local.tags

  variables = merge({
    DECK_HOST                 = "${module.front_door.scheme}://${local.name}"
    API_HOST                  = "${module.front_door.scheme}://${local.name}:8084"
    DEFAULT_DNS_NAME          = aws_lb.internal.dns_name
    REDIS_HOST                = aws_elasticache_replication_group.redis.primary_endpoint_address
    REDIS_PORT                = tostring(aws_elasticache_replication_group.redis.port)
    REDIS_TLS                 = "true"
    ARMORYSPINNAKER_S3_BUCKET = var.bucket
  }, var.parameters)
}

module "role" {
  source = "../node-role"

  name             = "armoryspinnaker-${var.stack}"
  parameter_prefix = var.parameter_prefix
  group_prefix     = "armoryspinnaker-${var.stack}-"
  alert_topic_arns = var.alert_topic_arns
  bucket           = var.bucket
  tags             = local.tags
}

module "nodes" {
  source   = "../node-group"
  for_each = local.groups
  # A node reads its parameters as soon as it boots, and its services ask each other.
  depends_on = [module.parameters, aws_lb_listener.internal]

  stack                     = var.stack
  detail                    = each.value.detail
  role                      = each.value.role
  group_version             = var.group_version
  size                      = each.value.size
  image_id                  = var.image_id
  instance_type             = var.instance_type
  key_name                  = var.key_name
  volume_size               = var.volume_size
  subnet_ids                = var.subnet_ids
  security_group_ids        = [aws_security_group.internal.id]
  target_group_arns         = concat(module.front_door.target_group_arns, [for g in aws_lb_target_group.internal : g.arn])
  instance_profile_arn      = module.role.instance_profile_arn
  parameter_prefix          = var.parameter_prefix
  health_check_type         = var.health_check_type
  health_check_grace_period = var.health_check_grace_period
  user_data                 = local.user_data
  tags                      = local.tags
}
