import { keyOf } from './model.ts'

/**
 * A region as `GET /subscriptions/{id}/locations` describes it; the optional parts are missing from logical regions.
 */
export interface Region {
  readonly name: string
  readonly displayName: string
  readonly category: 'Recommended' | 'Other'
  readonly geography?: string
  readonly geographyGroup?: string
  readonly site?: { readonly longitude: string; readonly latitude: string; readonly place: string }
  readonly paired?: string
  readonly zones: boolean
}

/** name, displayName, category, geography, group, longitude, latitude, place, paired region, has zones */
type PhysicalRow = readonly [
  string,
  string,
  'Recommended' | 'Other',
  string,
  string,
  string,
  string,
  string,
  string,
  boolean,
]

/** name, displayName, geography, group */
type LogicalRow = readonly [string, string, string?, string?]

// The regions of a public subscription in 2024. Stage and logical ones are in Azure's answer too, so a client has to
// tell them apart. Source: recording test_list_locations.yaml of Azure/azure-cli.
// prettier-ignore
const PHYSICAL: readonly PhysicalRow[] = [
  ['eastus', 'East US', 'Recommended', 'United States', 'US', '-79.8164', '37.3719', 'Virginia', 'westus', true],
  ['eastus2', 'East US 2', 'Recommended', 'United States', 'US', '-78.3889', '36.6681', 'Virginia', 'centralus', true],
  ['southcentralus', 'South Central US', 'Recommended', 'United States', 'US', '-98.5', '29.4167', 'Texas', 'northcentralus', true],
  ['westus2', 'West US 2', 'Recommended', 'United States', 'US', '-119.852', '47.233', 'Washington', 'westcentralus', true],
  ['westus3', 'West US 3', 'Recommended', 'United States', 'US', '-112.074036', '33.448376', 'Phoenix', 'eastus', true],
  ['australiaeast', 'Australia East', 'Recommended', 'Australia', 'Asia Pacific', '151.2094', '-33.86', 'New South Wales', 'australiasoutheast', true],
  ['southeastasia', 'Southeast Asia', 'Recommended', 'Asia Pacific', 'Asia Pacific', '103.833', '1.283', 'Singapore', 'eastasia', true],
  ['northeurope', 'North Europe', 'Recommended', 'Europe', 'Europe', '-6.2597', '53.3478', 'Ireland', 'westeurope', true],
  ['swedencentral', 'Sweden Central', 'Recommended', 'Sweden', 'Europe', '17.14127', '60.67488', 'Gävle', 'swedensouth', true],
  ['uksouth', 'UK South', 'Recommended', 'United Kingdom', 'Europe', '-0.799', '50.941', 'London', 'ukwest', true],
  ['westeurope', 'West Europe', 'Recommended', 'Europe', 'Europe', '4.9', '52.3667', 'Netherlands', 'northeurope', true],
  ['centralus', 'Central US', 'Recommended', 'United States', 'US', '-93.6208', '41.5908', 'Iowa', 'eastus2', true],
  ['southafricanorth', 'South Africa North', 'Recommended', 'South Africa', 'Africa', '28.21837', '-25.73134', 'Johannesburg', 'southafricawest', true],
  ['centralindia', 'Central India', 'Recommended', 'India', 'Asia Pacific', '73.9197', '18.5822', 'Pune', 'southindia', true],
  ['eastasia', 'East Asia', 'Recommended', 'Asia Pacific', 'Asia Pacific', '114.188', '22.267', 'Hong Kong', 'southeastasia', true],
  ['japaneast', 'Japan East', 'Recommended', 'Japan', 'Asia Pacific', '139.77', '35.68', 'Tokyo, Saitama', 'japanwest', true],
  ['koreacentral', 'Korea Central', 'Recommended', 'Korea', 'Asia Pacific', '126.978', '37.5665', 'Seoul', 'koreasouth', true],
  ['canadacentral', 'Canada Central', 'Recommended', 'Canada', 'Canada', '-79.383', '43.653', 'Toronto', 'canadaeast', true],
  ['francecentral', 'France Central', 'Recommended', 'France', 'Europe', '2.373', '46.3772', 'Paris', 'francesouth', true],
  ['germanywestcentral', 'Germany West Central', 'Recommended', 'Germany', 'Europe', '8.682127', '50.110924', 'Frankfurt', 'germanynorth', true],
  ['italynorth', 'Italy North', 'Recommended', 'Italy', 'Europe', '9.18109', '45.46888', 'Milan', '', true],
  ['norwayeast', 'Norway East', 'Recommended', 'Norway', 'Europe', '10.752245', '59.913868', 'Norway', 'norwaywest', true],
  ['polandcentral', 'Poland Central', 'Recommended', 'Poland', 'Europe', '21.01666', '52.23334', 'Warsaw', '', true],
  ['switzerlandnorth', 'Switzerland North', 'Recommended', 'Switzerland', 'Europe', '8.564572', '47.451542', 'Zurich', 'switzerlandwest', true],
  ['uaenorth', 'UAE North', 'Recommended', 'UAE', 'Middle East', '55.316666', '25.266666', 'Dubai', 'uaecentral', true],
  ['brazilsouth', 'Brazil South', 'Recommended', 'Brazil', 'South America', '-46.633', '-23.55', 'Sao Paulo State', 'southcentralus', true],
  ['centraluseuap', 'Central US EUAP', 'Recommended', 'Canary (US)', 'US', '-93.6208', '41.5908', '', 'eastus2euap', true],
  ['qatarcentral', 'Qatar Central', 'Recommended', 'Qatar', 'Middle East', '51.439327', '25.551462', 'Doha', '', true],
  ['brazilus', 'Brazil US', 'Other', 'Brazil', 'South America', '0', '0', '', 'brazilsoutheast', false],
  ['eastusstg', 'East US STG', 'Other', 'Stage (US)', 'US', '-79.8164', '37.3719', 'Virginia', 'southcentralusstg', false],
  ['northcentralus', 'North Central US', 'Other', 'United States', 'US', '-87.6278', '41.8819', 'Illinois', 'southcentralus', true],
  ['westus', 'West US', 'Other', 'United States', 'US', '-122.417', '37.783', 'California', 'eastus', true],
  ['jioindiawest', 'Jio India West', 'Other', 'India', 'Asia Pacific', '70.05773', '22.470701', 'Jamnagar', 'jioindiacentral', false],
  ['eastus2euap', 'East US 2 EUAP', 'Other', 'Canary (US)', 'US', '-78.3889', '36.6681', '', 'centraluseuap', true],
  ['southcentralusstg', 'South Central US STG', 'Other', 'Stage (US)', 'US', '-98.5', '29.4167', 'Texas', 'eastusstg', false],
  ['westcentralus', 'West Central US', 'Other', 'United States', 'US', '-110.234', '40.89', 'Wyoming', 'westus2', false],
  ['southafricawest', 'South Africa West', 'Other', 'South Africa', 'Africa', '18.843266', '-34.075691', 'Cape Town', 'southafricanorth', false],
  ['australiacentral', 'Australia Central', 'Other', 'Australia', 'Asia Pacific', '149.1244', '-35.3075', 'Canberra', 'australiacentral2', false],
  ['australiacentral2', 'Australia Central 2', 'Other', 'Australia', 'Asia Pacific', '149.1244', '-35.3075', 'Canberra', 'australiacentral', false],
  ['australiasoutheast', 'Australia Southeast', 'Other', 'Australia', 'Asia Pacific', '144.9631', '-37.8136', 'Victoria', 'australiaeast', false],
  ['japanwest', 'Japan West', 'Other', 'Japan', 'Asia Pacific', '135.5022', '34.6939', 'Osaka', 'japaneast', false],
  ['jioindiacentral', 'Jio India Central', 'Other', 'India', 'Asia Pacific', '79.08886', '21.146633', 'Nagpur', 'jioindiawest', false],
  ['koreasouth', 'Korea South', 'Other', 'Korea', 'Asia Pacific', '129.0756', '35.1796', 'Busan', 'koreacentral', false],
  ['southindia', 'South India', 'Other', 'India', 'Asia Pacific', '80.1636', '12.9822', 'Chennai', 'centralindia', false],
  ['westindia', 'West India', 'Other', 'India', 'Asia Pacific', '72.868', '19.088', 'Mumbai', 'southindia', false],
  ['canadaeast', 'Canada East', 'Other', 'Canada', 'Canada', '-71.217', '46.817', 'Quebec', 'canadacentral', false],
  ['francesouth', 'France South', 'Other', 'France', 'Europe', '2.1972', '43.8345', 'Marseille', 'francecentral', false],
  ['germanynorth', 'Germany North', 'Other', 'Germany', 'Europe', '8.806422', '53.073635', 'Berlin', 'germanywestcentral', false],
  ['norwaywest', 'Norway West', 'Other', 'Norway', 'Europe', '5.733107', '58.969975', 'Norway', 'norwayeast', false],
  ['switzerlandwest', 'Switzerland West', 'Other', 'Switzerland', 'Europe', '6.143158', '46.204391', 'Geneva', 'switzerlandnorth', false],
  ['ukwest', 'UK West', 'Other', 'United Kingdom', 'Europe', '-3.084', '53.427', 'Cardiff', 'uksouth', false],
  ['uaecentral', 'UAE Central', 'Other', 'UAE', 'Middle East', '54.366669', '24.466667', 'Abu Dhabi', 'uaenorth', false],
  ['brazilsoutheast', 'Brazil Southeast', 'Other', 'Brazil', 'South America', '-43.2075', '-22.90278', 'Rio', 'brazilsouth', false],
]

// prettier-ignore
const LOGICAL: readonly LogicalRow[] = [
  ['centralusstage', 'Central US (Stage)', 'usa', 'US'],
  ['eastusstage', 'East US (Stage)', 'usa', 'US'],
  ['eastus2stage', 'East US 2 (Stage)', 'usa', 'US'],
  ['northcentralusstage', 'North Central US (Stage)', 'usa', 'US'],
  ['southcentralusstage', 'South Central US (Stage)', 'usa', 'US'],
  ['westusstage', 'West US (Stage)', 'usa', 'US'],
  ['westus2stage', 'West US 2 (Stage)', 'usa', 'US'],
  ['asia', 'Asia'],
  ['asiapacific', 'Asia Pacific'],
  ['australia', 'Australia'],
  ['brazil', 'Brazil'],
  ['canada', 'Canada'],
  ['europe', 'Europe'],
  ['france', 'France'],
  ['germany', 'Germany'],
  ['global', 'Global'],
  ['india', 'India'],
  ['japan', 'Japan'],
  ['korea', 'Korea'],
  ['norway', 'Norway'],
  ['singapore', 'Singapore'],
  ['southafrica', 'South Africa'],
  ['switzerland', 'Switzerland'],
  ['uae', 'United Arab Emirates'],
  ['uk', 'United Kingdom'],
  ['unitedstates', 'United States'],
  ['unitedstateseuap', 'United States EUAP'],
  ['eastasiastage', 'East Asia (Stage)', 'asia', 'Asia Pacific'],
  ['southeastasiastage', 'Southeast Asia (Stage)', 'asia', 'Asia Pacific'],
]

/**
 * Opened since that list was recorded: resources may be put there.
 * Source: https://learn.microsoft.com/azure/reliability/regions-list
 */
const NEWER = [
  'austriaeast',
  'belgiumcentral',
  'chilecentral',
  'denmarkeast',
  'indonesiacentral',
  'malaysiawest',
  'mexicocentral',
  'newzealandnorth',
  'spaincentral',
  'taiwannorth',
  'taiwannorthwest',
]

const physical = (row: PhysicalRow): Region => {
  const [name, displayName, category, geography, geographyGroup, longitude, latitude, place, paired, zones] = row
  const site = { longitude, latitude, place }
  return { name, displayName, category, geography, geographyGroup, site, zones, ...(paired !== '' && { paired }) }
}

const logical = ([name, displayName, geography, geographyGroup]: LogicalRow): Region => ({
  name,
  displayName,
  category: 'Other',
  zones: false,
  ...(geography !== undefined && { geography }),
  ...(geographyGroup !== undefined && { geographyGroup }),
})

/** In Azure's order: physical regions, then logical ones. */
export const REGIONS: readonly Region[] = [...PHYSICAL.map(physical), ...LOGICAL.map(logical)]

/** `West US 2`, `WestUS2` and `westus2` are one region; the service answers with the last form. */
export const normalizeLocation = (location: string): string => keyOf(location.replaceAll(' ', ''))

/** Names of the regions that take resources. */
export const RESOURCE_REGIONS: readonly string[] = [...PHYSICAL.map(([name]) => name), ...NEWER]
