import { FIRST_NAME, FIRST_NAMES, IN_2021_MS, IP_ADDRESS, LAST_NAMES, pattern, type Quickstart } from './quickstart.ts';
import { counter, double, fraction, int, long, type Make, options, range, text, timestamp } from './value-kind.ts';

const VEHICLE_ID = int(range(1000, 9998));
const FULL_NAME: Make = (random) => `${random.pick(FIRST_NAMES)} ${random.pick(LAST_NAMES)}`;
const PLAYER_ID = range(1000, 4999);
const HOSTS = ['10.4.0.11', '10.4.0.12', '10.4.0.13', '10.4.7.21', '10.4.7.22', '10.9.1.40'] as const;
const WORDS = pattern('[a-z ]{10,15}');

/** What devices, vehicles, machines and games tell. */
export const DEVICE_QUICKSTARTS = {
  fleet_mgmt_description: {
    keyField: 'vehicle_id',
    fields: {
      vehicle_id: VEHICLE_ID,
      driver_name: text(FULL_NAME),
      license_plate: text(pattern('[A-Z]{2}\\d{6}[A-Z]')),
    },
  },
  fleet_mgmt_location: {
    keyField: 'vehicle_id',
    fields: {
      vehicle_id: VEHICLE_ID,
      latitude: double(fraction(-50, 70, 6)),
      longitude: double(fraction(-175, 175, 6)),
      ts: timestamp(IN_2021_MS),
    },
  },
  fleet_mgmt_sensors: {
    keyField: 'vehicle_id',
    fields: {
      vehicle_id: VEHICLE_ID,
      engine_temperature: int(range(150, 249)),
      average_rpm: int(range(1800, 4999)),
    },
  },
  gaming_games: {
    keyField: 'id',
    fields: {
      id: int(counter(1000)),
      room_name: text(
        (random) =>
          `${random.pick(['Arcade', 'Survival', 'Classic'])} -- ${random.pick(['Rookie', 'Skilled', 'Expert'])}`,
      ),
      created_date: timestamp(counter(1_609_459_200_000, 100_000)),
    },
  },
  gaming_players: {
    keyField: 'player_id',
    fields: { player_id: int(counter(1000)), player_name: text(FULL_NAME), ip: text(IP_ADDRESS) },
  },
  gaming_player_activity: {
    keyField: 'player_id',
    fields: {
      player_id: int(PLAYER_ID),
      game_room_id: int(PLAYER_ID),
      points: int(range(10, 499)),
      coordinates: text(pattern('\\[[0-9][0-9],[0-9][0-9]\\]')),
    },
  },
  syslog_logs: {
    keyField: 'host',
    fields: {
      name: text(pattern('[a-zA-Z]{5,8}')),
      type: text(options('RFC5424', 'RFC3164', 'CEF', 'UNKNOWN')),
      message: text(WORDS),
      host: text(options(...HOSTS)),
      version: text(options('3.25.1')),
      tag: text(options('.source.s_src')),
      level: int(range(0, 190)),
      facility: text(options('syslog', 'authpriv', 'cron')),
      severity: int(range(0, 7)),
      appName: text(pattern('[A-Z]{5,8}')),
      remoteAddress: text(IP_ADDRESS),
      rawMessage: text(WORDS),
      processId: text(pattern('[1-9][0-9]{6}')),
      messageId: text(pattern('[1-9][0-9]{2}')),
      deviceVendor: text(pattern('[a-z]{5}')),
      deviceProduct: text(pattern('[a-z]{5}')),
      deviceVersion: text(options('1.0', '2.0', '3.0', '4.0', '5.0')),
      timestamp: long(IN_2021_MS),
    },
  },
  device_information: {
    keyField: 'device_ip',
    fields: {
      device_ip: text(IP_ADDRESS),
      mac_address: text(pattern('[0-9A-F]{2}(:[0-9A-F]{2}){5}')),
      owner: text(FULL_NAME),
    },
  },
  siem_logs: {
    keyField: 'hostname',
    fields: {
      hostname: text((random) => `${random.pick(['web', 'db', 'vpn', 'mail'])}-${random.between(1, 20)}`),
      timestamp: long(IN_2021_MS),
      event_type: text(options('login', 'logout', 'login_failed', 'port_scan', 'file_access')),
      severity: int(range(0, 7)),
      source_ip: text(IP_ADDRESS),
      user_name: text(FIRST_NAME),
      message: text(WORDS),
    },
  },
} satisfies Record<string, Quickstart>;
