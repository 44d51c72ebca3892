/** Every kind of content of the site. A new one is a file beside this and a line in each of the two lists. */
import type { ContentType } from '../content/content-type.ts';
import { aboutSettings } from './about-settings.ts';
import { blogAuthor } from './blog-author.ts';
import { blogCategory } from './blog-category.ts';
import { blogPost } from './blog-post.ts';
import { blogSettings } from './blog-settings.ts';
import { blogTag } from './blog-tag.ts';
import { caseStudy } from './case-study.ts';
import { certification } from './certification.ts';
import { companyOverview } from './company-overview.ts';
import { coreValue } from './core-value.ts';
import { footerSettings } from './footer-settings.ts';
import { headerSettings } from './header-settings.ts';
import { homepageCall } from './homepage-call.ts';
import { homepageHero } from './homepage-hero.ts';
import { homepageSettings } from './homepage-settings.ts';
import { homepageStat } from './homepage-stat.ts';
import { homepageTestimonial } from './homepage-testimonial.ts';
import { industry } from './industry.ts';
import { milestone } from './milestone.ts';
import { mission } from './mission.ts';
import { office } from './office.ts';
import { pageSection } from './page-section.ts';
import { partner } from './partner.ts';
import { partnerTestimonial } from './partner-testimonial.ts';
import { partnerTier } from './partner-tier.ts';
import { product } from './product.ts';
import { productCategory } from './product-category.ts';
import { productsSettings } from './products-settings.ts';
import { siteSettings } from './site-settings.ts';
import { solution } from './solution.ts';
import { solutionFeature } from './solution-feature.ts';
import { solutionsCall } from './solutions-call.ts';
import { solutionsSettings } from './solutions-settings.ts';
import { whitepaper } from './whitepaper.ts';
import { whitepaperTopic } from './whitepaper-topic.ts';

/** In the order in which the panel lists them. */
export const CONTENT_TYPES: readonly ContentType[] = [
  product,
  productCategory,
  solution,
  solutionFeature,
  solutionsCall,
  industry,
  blogPost,
  blogCategory,
  blogAuthor,
  blogTag,
  caseStudy,
  whitepaper,
  whitepaperTopic,
  partner,
  partnerTier,
  partnerTestimonial,
  homepageHero,
  homepageStat,
  homepageTestimonial,
  homepageCall,
  companyOverview,
  mission,
  coreValue,
  milestone,
  certification,
  office,
  pageSection,
  siteSettings,
  headerSettings,
  footerSettings,
  homepageSettings,
  aboutSettings,
  productsSettings,
  solutionsSettings,
  blogSettings,
];

export {
  aboutSettings,
  blogAuthor,
  blogCategory,
  blogPost,
  blogSettings,
  blogTag,
  caseStudy,
  certification,
  companyOverview,
  coreValue,
  footerSettings,
  headerSettings,
  homepageCall,
  homepageHero,
  homepageSettings,
  homepageStat,
  homepageTestimonial,
  industry,
  milestone,
  mission,
  office,
  pageSection,
  partner,
  partnerTestimonial,
  partnerTier,
  product,
  productCategory,
  productsSettings,
  siteSettings,
  solution,
  solutionFeature,
  solutionsCall,
  solutionsSettings,
  whitepaper,
  whitepaperTopic,
};
