# One node with everything on it, its own Redis included, in an Auto Scaling group of one, behind a load
# balancer for people. The group replaces a node that is past repair; what was in its Redis is gone
# then, as it was on that node's disk. Where that must not be, use ha.

locals {
  tags = merge(var.tags, { "armory:stack" = var.stack })
  name = coalesce(var.public_name, module.front_door.dns_name)

  # A group that believes its load balancers ends what they call unhealthy. A node that makes a release,
  # drains, is maintained or waits for Redis is not ready, and is not to end for that.
  check_path = coalesce(var.health_check_path, var.health_check_type == "ELB" ? "/health/live" : "/health/ready")

  # Docker's driver awslogs creates no log group unless it is told to.
  log_group = lookup(var.parameters, "LOGGING_PROFILE", "") != "awslogs" ? null : {
    name              = lookup(var.parameters, "AWSLOGS_GROUP", "/armory/spinnaker/${var.stack}")
    create            = !contains(keys(var.parameters), "AWSLOGS_GROUP")
    retention_in_days = var.cloudwatch_log_group_retention_in_days
    kms_key_id        = var.cloudwatch_log_group_kms_key_id
    by_docker         = lookup(var.parameters, "AWSLOGS_CREATE_GROUP", "") == "true"
  }
  logging = local.log_group == null ? {} : { AWSLOGS_GROUP = local.log_group.name }
}

resource "aws_security_group" "internal" {
  name_prefix = "armoryspinnaker-${var.stack}-internal-"
  description = "The node: nothing but its load balancer comes in"
  vpc_id      = var.vpc_id
  tags        = merge(local.tags, { Name = "armoryspinnaker-${var.stack}-internal" })

  lifecycle {
    create_before_destroy = true
  }
}

# AWS, the image registry, and what pipelines deploy to.
resource "aws_vpc_security_group_egress_rule" "anywhere" {
  security_group_id = aws_security_group.internal.id
  description       = "anywhere"
  ip_protocol       = "-1"
  cidr_ipv4         = "0.0.0.0/0"
}

module "front_door" {
  source = "../front-door"

  stack           = var.stack
  vpc_id          = var.vpc_id
  subnet_ids      = var.load_balancer_subnet_ids
  allowed_cidrs   = var.allowed_cidrs
  internet_facing = var.internet_facing
  certificate_arn = var.certificate_arn
  ssl_policy      = var.ssl_policy
  access_logs     = var.access_logs
  node_group_id   = aws_security_group.internal.id
  check_path      = local.check_path

  enable_deletion_protection = var.enable_deletion_protection

  tags = local.tags
}

module "parameters" {
  source = "../parameters"

  stack             = var.stack
  prefix            = var.parameter_prefix
  spinnaker_release = var.spinnaker_release
  secrets           = var.secret_parameters
  secrets_version   = var.secrets_version
  kms_key_arn       = var.kms_key_arn
  tags              = local.tags

  variables = merge({
    DECK_HOST = "${module.front_door.scheme}://${local.name}"
    API_HOST  = "${module.front_door.scheme}://${local.name}:8084"
  }, local.logging, var.parameters)
}

module "role" {
  source = "../node-role"

  name             = "armoryspinnaker-${var.stack}"
  parameter_prefix = var.parameter_prefix
  group_prefix     = "armoryspinnaker-${var.stack}-"
  alert_topic_arns = var.alert_topic_arns
  backup_arns      = var.backup_arns
  support_bucket   = var.support_bucket
  log_group        = local.log_group
  tags             = local.tags

  iam_role_permissions_boundary = var.iam_role_permissions_boundary
  iam_role_policies             = var.iam_role_policies
}

module "nodes" {
  source = "../node-group"
  # A node reads its parameters as soon as it boots.
  depends_on = [module.parameters]

  stack                     = var.stack
  role                      = "standalone"
  group_version             = var.group_version
  size                      = { min = 1, desired = 1, max = 1 }
  image_id                  = var.image_id
  instance_type             = var.instance_type
  key_name                  = var.key_name
  volume_size               = var.volume_size
  subnet_ids                = var.subnet_ids
  security_group_ids        = concat([aws_security_group.internal.id], var.additional_security_group_ids)
  target_group_arns         = module.front_door.target_group_arns
  instance_profile_arn      = module.role.instance_profile_arn
  parameter_prefix          = var.parameter_prefix
  health_check_type         = var.health_check_type
  health_check_grace_period = var.health_check_grace_period
  kms_key_arn               = var.kms_key_arn
  user_data                 = var.user_data
  tags                      = local.tags
}
